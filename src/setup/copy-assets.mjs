// Copies files that the compiler leaves out: programs, SQL and templates, beside the code that
// reads them.
import { chmodSync, cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ASSETS = /\.(bash|bt|css|d|c|fish|js|sh|sql|txt|yaml|zsh)$/;

/**
 * @param {string} to the folder that stands for `src`
 * @throws when an asset would take the place of what the compiler made from a source file
 */
export function copyAssets(to, from = 'src') {
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const source = join(from, path.replace(/\.js$/, '.ts'));
    if (!path.endsWith('.js') || !existsSync(source)) continue;
    throw new Error(
      `${join(from, path)} would replace what is compiled from ${source}: rename one`,
    );
  }
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !/\.[^/]*$/.test(path.slice(path.lastIndexOf('/') + 1)) || ASSETS.test(path),
  });
}

if (import.meta.filename === process.argv[1]) {
  copyAssets('dist');
  // npx remembers which file of a clone is the command: in clones of version 0.1 it was this one.
  chmodSync('dist/cli/main.js', 0o755);
}
