// Part of npm run build: puts the program and the packages that it uses into few files, so that it
// starts quickly and needs only better-sqlite3 beside it. Each command is a file that is read when
// the command is given. Run in the folder of the project.
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { copyAssets } from './copy-assets.mjs';

const SOURCE = resolve('src');
const BUNDLE = 'bundle';

/** Files of packages that are read while the program runs. */
const PACKAGE_FILES = [
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
  '@resvg/resvg-wasm/index_bg.wasm',
];

/**
 * A source file looks for its own files beside itself. All code of the bundle is in one folder, which
 * holds those files in the same folders as `src` does.
 */
const filesBesideTheSource = {
  name: 'files-beside-the-source',
  transform(code, id) {
    if (!id.startsWith(SOURCE)) return null;
    const folder = relative(SOURCE, dirname(id));
    return code
      .replace(/new URL\((['`])(\.[^'`$]*)(?=(.))/g, (_, quote, path, next) => {
        if (next !== '$' && !existsSync(join(dirname(id), path))) {
          throw new Error(`${id}: ${path} is not there, so the bundle would not find it either`);
        }
        const moved = posix.join(folder, path);
        return `new URL(${quote}${moved.startsWith('.') ? '' : './'}${moved}`;
      })
      .replace(/require\.resolve\((['`])/g, 'require.resolve($1./packages/');
  },
};

/**
 * Packages make a segmenter when they are loaded, which takes milliseconds. In the bundle it is made
 * for the first text that needs one: in plain ASCII, each character is a segment of its own.
 */
const SEGMENTER = 'const segmenter = new Intl.Segmenter();';
const LATER = `let made;
const segmenter = {
  segment: (text) =>
    /^[\\x20-\\x7e]*$/.test(text)
      ? Array.from(text, (segment) => ({ segment }))
      : (made ??= new Intl.Segmenter()).segment(text),
};`;
const segmentersWhenNeeded = {
  name: 'segmenters-when-needed',
  transform(code, id) {
    if (!/\/node_modules\/string-width\/index\.js$/.test(id)) return null;
    if (!code.includes(SEGMENTER)) throw new Error(`${id} does not make its segmenter as it did`);
    return code.replace(SEGMENTER, LATER);
  },
};

/** Every package of which code is in the bundle. */
const packages = new Set();
const packageOf = (path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
const notesPackages = {
  name: 'notes-packages',
  generateBundle(_, bundle) {
    for (const { moduleIds = [] } of Object.values(bundle)) {
      for (const id of moduleIds) if (packageOf(id)) packages.add(packageOf(id));
    }
  },
};

/** For a package that brings no text: its licence, its author, and where both text and source are. */
function withoutText({ name, license, author, repository }) {
  if (!license) throw new Error(`${name} names no licence, so it cannot be bundled`);
  const { name: of = author } = author ?? {};
  return [
    `Licence: ${license}, https://spdx.org/licenses/${license}.html`,
    ...(of ? [`Author: ${of}`] : []),
    `Source: ${repository?.url ?? repository ?? `https://www.npmjs.com/package/${name}`}`,
  ].join('\n');
}

/** Each package's own licence text: code under most licences may be copied only along with it. */
function licences() {
  return [...packages]
    .map((folder) => {
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const { name, version } = about;
      const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
      const text = file ? readFileSync(join(folder, file), 'utf8').trim() : withoutText(about);
      return { title: `${name} ${version}`, text };
    })
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, text }) => `${title}\n${'-'.repeat(title.length)}\n\n${text}\n`)
    .join('\n\n');
}

// Made beside the old one and put in its place at the end, so that a program that starts meanwhile
// finds one of them whole.
const made = `${BUNDLE}.new`;
rmSync(made, { recursive: true, force: true });
const build = await rolldown({
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  external: ['better-sqlite3'],
  plugins: [filesBesideTheSource, segmentersWhenNeeded, notesPackages],
  logLevel: 'warn',
});
await build.write({
  dir: made,
  format: 'esm',
  entryFileNames: '[name].js',
  // A package that is loaded when it is needed is a file with its name.
  chunkFileNames: ({ facadeModuleId }) =>
    `${packageOf(facadeModuleId ?? '')?.replace(/^.*\//, '') ?? '[name]'}-[hash].js`,
  minify: 'dce-only',
  // What every start needs is one file; main.js waits for the rest, so nothing may import it.
  codeSplitting: {
    groups: [{ name: 'start', tags: ['$initial'], test: (id) => !id.endsWith('/src/cli/main.ts') }],
  },
});
await build.close();
copyAssets(made);
for (const file of PACKAGE_FILES) {
  cpSync(join('node_modules', file), join(made, 'packages', file));
  packages.add(packageOf(resolve('node_modules', file)));
}
writeFileSync(join(made, 'LICENCES.txt'), licences());
chmodSync(join(made, 'main.js'), 0o755);
// The last thing that a build writes: without it, npm test and quickstart build again.
writeFileSync(join(made, '.built'), '');
const old = `${BUNDLE}.old`;
rmSync(old, { recursive: true, force: true });
if (existsSync(BUNDLE)) renameSync(BUNDLE, old);
renameSync(made, BUNDLE);
rmSync(old, { recursive: true, force: true });
