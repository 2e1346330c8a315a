// How large the package is that `npm pack` makes, and what of it is largest.
// Usage: npm run bench:package
import { execFileSync } from 'node:child_process';
import { printTable } from './print-table.mjs';

const said = execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8' });
const [{ size, unpackedSize, files }] = JSON.parse(said.slice(said.indexOf('[')));
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
const largest = files.toSorted((a, b) => b.size - a.size).slice(0, 10);
printTable([
  ['', 'size'],
  ['the package, compressed', megabytes(size)],
  [`unpacked, ${files.length} files`, megabytes(unpackedSize)],
  ...largest.map((file) => [
    `  ${file.path.replace(/-[\w-]{8}\.js$/, '.js')}`,
    megabytes(file.size),
  ]),
]);
