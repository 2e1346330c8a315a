import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Data flows to the right; a module may use its own folder and what stands to its left. */
const LAYERS = [
  'errors',
  'doubt',
  'own-version',
  'extremes',
  'rounding',
  'host',
  'instruments',
  'experiment',
  'benchmark',
  'trace',
  'plan',
  'execute',
  'store',
  'analyse',
  'results',
  'sweep',
  'slurm',
  'export',
  'report',
  'cli',
];

const source = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|mjs)$/.test(file),
);
const modules = files.map((file) => ({ file, text: readFileSync(join(source, file), 'utf8') }));

const layerOf = (file: string) => file.split('/')[0]!.replace(/\.ts$/, '');

/** The project's own modules that one names, in any form of import or export. */
function imports(file: string, text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*['"](\.[^'"]+)['"]/g)].map(
    ([, target]) => normalize(join(dirname(file), target!)),
  );
}

const inProgram = modules.filter(({ file }) => file.endsWith('.ts'));

describe('the modules of the source', () => {
  it('are found, and so are their imports', () => {
    expect(inProgram.length).toBeGreaterThan(40);
    expect(imports('plan/plan.ts', "import type { Cell } from '../experiment/cell.ts';")).toEqual([
      'experiment/cell.ts',
    ]);
    expect(imports('cli/main.ts', "await import('./x.ts');\nexport * from '../errors.ts'")).toEqual(
      ['cli/x.ts', 'errors.ts'],
    );
    expect(inProgram.flatMap(({ file, text }) => imports(file, text)).length).toBeGreaterThan(100);
  });

  it('belong to a known layer', () => {
    expect(
      [...new Set(inProgram.map(({ file }) => layerOf(file)))].filter(
        (layer) => !LAYERS.includes(layer),
      ),
    ).toEqual([]);
  });

  it('import only from their own layer or from a layer to the left', () => {
    const back = inProgram.flatMap(({ file, text }) =>
      imports(file, text)
        .filter((target) => LAYERS.indexOf(layerOf(target)) > LAYERS.indexOf(layerOf(file)))
        .map((target) => `${file} -> ${target}`),
    );
    expect(back).toEqual([]);
  });

  it('import no module that imports them, directly or indirectly', () => {
    const targets = new Map(inProgram.map(({ file, text }) => [file, imports(file, text)]));
    const reachable = (from: string) => {
      const seen = new Set<string>();
      const open = [...(targets.get(from) ?? [])];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(...(targets.get(next) ?? []));
      }
      return seen;
    };
    expect(inProgram.map(({ file }) => file).filter((file) => reachable(file).has(file))).toEqual(
      [],
    );
  });

  it('are each imported by another one, except for the program itself', () => {
    const imported = new Set(inProgram.flatMap(({ file, text }) => imports(file, text)));
    // The set-up imports what has been built.
    const setUp = modules
      .filter(({ file }) => layerOf(file) === 'setup')
      .flatMap(({ text }) =>
        [...text.matchAll(/\/dist\/([\w/-]+)\.js'/g)].map(([, it]) => `${it}.ts`),
      );
    const alone = inProgram.map(({ file }) => file).filter((file) => !imported.has(file));
    expect(alone.filter((file) => !setUp.includes(file))).toEqual(['cli/main.ts']);
  });

  it('import no module that does not exist', () => {
    const known = new Set(files);
    const lost = inProgram.flatMap(({ file, text }) =>
      imports(file, text).filter((target) => !known.has(target)),
    );
    expect(lost).toEqual([]);
  });

  it('contain SQL only in the store', () => {
    const sql =
      /\b(SELECT\s+[\w*(]|INSERT\s+(OR\s+\w+\s+)?INTO|CREATE\s+(TABLE|VIEW|INDEX)|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s)/;
    expect('SELECT * FROM run').toMatch(sql);
    const outside = modules.filter(({ file, text }) => layerOf(file) !== 'store' && sql.test(text));
    expect(outside.map(({ file }) => file)).toEqual([]);
  });

  it('pass no numbers to Math.max and Math.min that grow with a sweep', () => {
    const spreading = (text: string) => /\bMath\.(max|min)\(([^()]|\([^()]*\))*?\.\.\./.test(text);
    expect(spreading('Math.max(\n  0,\n  ...cells.map(sizeOf),\n)')).toBe(true);
    // Hosts, columns, control groups, source files, parts of a figure, the samples of one run.
    const few = [
      ...['cli/top/speed.ts', 'execute/benchmark-claims.ts', 'export/workbook.ts', 'extremes.ts'],
      ...['host/machine/allowance.ts', 'plan/hosts.ts', 'setup/prepare.mjs'],
      ...['report/figures/run-order.ts', 'sweep/sweep-time-left.ts'],
    ];
    const found = modules.filter(({ text }) => spreading(text)).map(({ file }) => file);
    expect(found.sort()).toEqual(few.sort());
  });

  it('create folders one by one, because a recursive call may never end', () => {
    const recursive = inProgram.filter(({ text }) => /\bmkdir\w*\([^)]*\brecursive\b/.test(text));
    expect(recursive.map(({ file }) => file)).toEqual([]);
  });

  it('are listed in docs/architecture.md in their order from left to right', () => {
    const page = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
    const rooms = [...page.matchAll(/^\| `([\w-]+)` \| \S/gm)].map(([, room]) => room);
    expect(rooms).toEqual(LAYERS);
    const files = [...page.matchAll(/`((?:src|test|docs)\/[\w/.-]+)`/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((file) => !existsSync(join(source, '..', file)))).toEqual([]);
  });

  it('end the process only in the command line and the set-up', () => {
    const ending = modules.filter(
      ({ file, text }) =>
        !['cli', 'setup'].includes(layerOf(file)) &&
        /\bprocess\.(exit|exitCode|abort)\b/.test(text),
    );
    expect(ending.map(({ file }) => file)).toEqual([]);
  });
});
