// Copies files that the compiler leaves out: programs, SQL and templates, beside the code that
// reads them.
import { chmodSync, cpSync } from 'node:fs';

const ASSETS = /\.(bash|bt|css|d|c|fish|js|sh|sql|txt|yaml|zsh)$/;
cpSync('src', 'dist', {
  recursive: true,
  filter: (path) => !/\.[^/]*$/.test(path.slice(path.lastIndexOf('/') + 1)) || ASSETS.test(path),
});
chmodSync('dist/cli/main.js', 0o755);
