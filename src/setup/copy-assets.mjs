// Copies files that the compiler leaves out: programs, SQL and templates, beside the code that
// reads them.
import { chmodSync, cpSync } from 'node:fs';

const ASSETS = /\.(bash|bt|css|d|c|fish|js|sh|sql|txt|yaml|zsh)$/;

/** @param {string} to the folder that stands for `src` */
export function copyAssets(to) {
  cpSync('src', to, {
    recursive: true,
    filter: (path) => !/\.[^/]*$/.test(path.slice(path.lastIndexOf('/') + 1)) || ASSETS.test(path),
  });
}

if (import.meta.filename === process.argv[1]) {
  copyAssets('dist');
  // npx remembers which file of a clone is the command: in clones of version 0.1 it was this one.
  chmodSync('dist/cli/main.js', 0o755);
}
