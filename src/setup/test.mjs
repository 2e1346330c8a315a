// npm test: the same preparation, then lint, types and all tests. The last line counts them.
import { prepareCheckout, prepareTracer, run, say } from './prepare.mjs';

prepareCheckout();
prepareTracer();
/** @type {[name: string, command: string, words: string[]][]} */
const checks = [
  ['lint', 'npx', ['--no-install', 'biome', 'check', '.']],
  ['types', 'npx', ['--no-install', 'tsc', '-p', 'test/tsconfig.json']],
  ['types of scripts', 'npx', ['--no-install', 'tsc', '-p', 'tsconfig.scripts.json']],
  ['tests', 'npx', ['--no-install', 'vitest', 'run', '--config', 'test/vitest.config.ts']],
];
for (const [name, command, words] of checks) {
  say(name);
  const status = run(command, words.concat(name === 'tests' ? process.argv.slice(2) : []));
  if (status === 0) continue;
  process.exitCode = 1;
  // The reporter has already written the closing line of the tests.
  if (name === 'tests') break;
  console.log('0 passed, 1 failed, 0 skipped');
  break;
}
