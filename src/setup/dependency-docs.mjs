// Part of npm run docs: regenerates the tables of docs/dependencies.md from package-lock.json and
// the installed packages. With --check it writes nothing, and exits with 1 if they would change.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'docs/dependencies.md');
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Installed beside the package. */
const WHY_INSTALLED = {
  'better-sqlite3': 'the database; the only package that runs anything when it is installed',
};

/** The packages that the program uses and that are therefore copied into the bundle. */
const WHY_BUNDLED = {
  '@marcbachmann/cel-js':
    '`where` and `expect` are Common Expression Language: a published language with a parser that evaluates nothing else',
  '@resvg/resvg-wasm':
    'PNG from SVG, the same bytes on every system: no browser, no canvas to compile. It is one WebAssembly file that can reach nothing and reads only what vega has drawn',
  'csv-stringify': 'CSV with quoting by RFC 4180 and a guard against formulas',
  'dejavu-fonts-ttf':
    'the font of PNG and PDF, so that they are alike everywhere. 2.37 is the last version of the fonts; there is no code in it, and two of its files are used',
  execa: 'tools of the system (cc, sysctl, git, ssh) are asked without a shell',
  'hyparquet-writer': 'Parquet',
  'p-queue': 'one run at a time on a host',
  pdfkit:
    'PDF with embedded fonts; src/report/render/pdf.ts draws the SVG with it. It measures texts, too',
  'pure-rand': 'the seeded order of runs: the same on every system',
  'string-width': 'columns of a terminal that a text takes',
  vega: 'draws the charts as SVG without a browser',
  'vega-lite': 'the charts are kept as specs that any Vega-Lite can draw again',
  'write-excel-file': 'xlsx',
  yaml: 'specs with the place of every value, so that a message can point to it',
  yargs: 'the command line and its help',
  zod: 'checks of specs and of what the benchmark prints; the JSON Schema for editors',
};

const WHY_DEVELOPERS = {
  '@biomejs/biome': 'lint and format',
  '@duckdb/node-api':
    'answers in tests the questions of docs/database.md from the exported tables, as DuckDB users do',
  '@types/better-sqlite3': 'types',
  '@types/node': 'types',
  '@types/pdfkit': 'types',
  '@types/yargs': 'types',
  ajv: 'holds in tests what --json prints against its schema',
  'csv-parse': 'reads in tests the CSV that was written',
  datapackage: 'checks in tests the data package that was written',
  'fast-check': 'property tests',
  hyparquet: 'reads in tests the Parquet that was written',
  'playwright-core': 'opens the report in a real Chromium',
  rolldown: 'makes the bundle; vitest uses the same one',
  typescript: 'build and types',
  vitest: 'runs the tests',
};

/** Licences that the packages' own metadata leave open. */
const LICENCES = { 'dejavu-fonts-ttf': 'Bitstream Vera (free)' };

/** The place where npm has put a package's dependency: beside it, or further up. */
function resolved(from, name) {
  for (let folder = from; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}

/** A package and all its dependencies. */
function closure(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const name of Object.keys(packages[path].dependencies ?? {}))
    closure(resolved(path, name), found);
  return found;
}

/** The part that its install script compiles. */
const COMPILED = 'node_modules/better-sqlite3/build';

/** Size in bytes as published: without anything compiled here, and without packages inside it. */
function bytesOf(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += statSync(path).size;
    else if (entry.isDirectory() && entry.name !== 'node_modules' && !path.endsWith(COMPILED)) {
      bytes += bytesOf(path);
    }
  }
  return bytes;
}

const megabytes = (bytes) => (bytes < 5e4 ? '< 0.1' : (bytes / 1e6).toFixed(1));

function licenceOf(path) {
  const { license = 'see its files' } = packages[path];
  return [license]
    .flat()
    .map((each) => each.type ?? each)
    .join(' OR ');
}

function rows(reasons) {
  return Object.keys(reasons).map((name) => {
    const path = `node_modules/${name}`;
    const all = [...closure(path)];
    const licence = LICENCES[name] ?? licenceOf(path);
    const [own, ...brought] = all.map((each) => bytesOf(join(root, each)));
    const together = brought.reduce((sum, bytes) => sum + bytes, own);
    return `| \`${name}\` ${packages[path].version} | ${reasons[name]} | ${megabytes(own)} | ${brought.length} | ${megabytes(together)} | ${licence} |`;
  });
}

function table(reasons) {
  const names = Object.keys(reasons);
  const all = new Set(names.flatMap((name) => [...closure(`node_modules/${name}`)]));
  const bytes = [...all].reduce((sum, path) => sum + bytesOf(join(root, path)), 0);
  const licences = [...new Set([...all].map(licenceOf))];
  return [
    '| package | why | MB | brings | MB with these | licence |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows(reasons),
    '',
    `Together ${all.size} packages of ${megabytes(bytes)} MB, under ${licences.sort().join(', ')}.`,
  ].join('\n');
}

const TABLES = { installed: WHY_INSTALLED, bundled: WHY_BUNDLED, development: WHY_DEVELOPERS };

const { dependencies, devDependencies } = packages[''];
for (const [asked, reasons] of [
  [dependencies, WHY_INSTALLED],
  [devDependencies, { ...WHY_BUNDLED, ...WHY_DEVELOPERS }],
]) {
  const wrong = [
    ...Object.keys(asked).filter((name) => !reasons[name]),
    ...Object.keys(reasons).filter((name) => !asked[name]),
  ];
  if (wrong.length > 0)
    throw new Error(`dependency-docs.mjs must say why: ${wrong.sort().join(', ')}`);
}

const before = readFileSync(page, 'utf8');
const after = before.replace(
  /(<!-- (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_, begin, kind, end) => `${begin}\n${table(TABLES[kind])}\n\n${end}`,
);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/dependencies.md is not as package-lock.json has it: npm run docs');
  process.exitCode = 1;
}
