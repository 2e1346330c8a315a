import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from '../cli/workplace.ts';

const ANALYSIS = fileURLToPath(new URL('../../experiments/analysis/', import.meta.url));

function has(program: string, ...words: string[]): boolean {
  return spawnSync(program, words).status === 0;
}

/** Why a part cannot run here; what CI installs must not be missing there. */
function missing(what: string, program: string, ...words: string[]): boolean {
  if (has(program, ...words)) return false;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') throw new Error(`${what} is required here`);
  console.log(`skipping what needs ${what}: it is not installed`);
  return true;
}
const noR = missing('R', 'Rscript', '--version');
const noPython = missing('python3', 'python3', '--version');
// CI does not install them.
const noPandas = noPython || !has('python3', '-c', 'import pandas, matplotlib');
if (noPandas) console.log('skipping what needs pandas and matplotlib: they are not installed');

const place = new Workplace();
afterAll(() => place.remove());

const FOLDER = 'results/made-1';
const INTEGERS = ['cell', 'buffer_bytes', 'total_bytes', 'n', 'run_id', 'iteration', 'elapsed_ns'];
const TRUTHS = ['socket_buffers', 'untraced', 'warmup', 'traced', 'bare'];
const TEXTS = [
  'ipc',
  'mode',
  'state',
  'reason',
  'signal',
  'host',
  'machine',
  'tracer',
  'started_at',
];

/** Makes a data package like that of `export`, as far as it is needed here. */
function standInPackage(): string {
  const kind = (name: string) => {
    if (INTEGERS.includes(name)) return 'integer';
    if (TRUTHS.includes(name)) return 'boolean';
    return TEXTS.includes(name.replace('_utc', '')) ? 'string' : 'number';
  };
  const resources = ['summary', 'runs', 'samples'].map((name) => {
    const [header = ''] = place.read(FOLDER, `${name}.csv`).split('\n');
    const fields = header.split(',').map((column) => ({ name: column, type: kind(column) }));
    return { name, path: `${name}.csv`, schema: { fields } };
  });
  return JSON.stringify({ resources });
}

beforeAll(async () => {
  // Untraced, of the bundled benchmark: the runs need not be fast, only there.
  place.write(
    'made.yaml',
    [
      'name: made',
      'benchmark: { bare: true }',
      'trace: { tracer: none }',
      'matrix: { buffer_size: [4KiB, 16KiB], total_size: 64KiB, ipc: [pipe, local] }',
      'trials: 6',
      '',
    ].join('\n'),
  );
  const { code, stderr } = await place.run('run', 'made.yaml');
  if (code !== 0) throw new Error(stderr);
  if (!existsSync(place.path(FOLDER, 'datapackage.json'))) {
    place.write(`${FOLDER}/datapackage.json`, standInPackage());
  }
});

/** The medians that the summary has, in MiB/s, as both snippets print them. */
function medians(): string[] {
  return place
    .csv(FOLDER, 'summary.csv')
    .map((row) => (Number(row.bandwidth_median_bytes_per_s) / 1024 ** 2).toFixed(1));
}

function isPdf(file: string): boolean {
  return place.read(file).startsWith('%PDF-');
}

const run = (program: string, ...words: string[]) =>
  spawnSync(program, words, { cwd: place.folder, encoding: 'utf8' });

describe('the program that loads a sweep', () => {
  it.skipIf(noR)('prints the medians and draws in R without packages, and without warnings', () => {
    const { status, stdout, stderr } = run('Rscript', `${ANALYSIS}load.R`, FOLDER, 'r.pdf');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const printed = stdout.trim().split('\n').slice(1);
    expect(printed).toHaveLength(4);
    for (const [at, line] of printed.entries()) {
      // R rounds a five at the end its own way.
      const difference = Number(line.trim().split(/\s+/).at(-1)) - Number(medians()[at]);
      expect(Math.abs(difference)).toBeLessThan(0.11);
    }
    expect(isPdf('r.pdf')).toBe(true);
  });

  it.skipIf(noR)('gives R its numbers, truth values and missing values', () => {
    const asked = [
      `source("${ANALYSIS}load.R"); s <- load_sweep("${FOLDER}")`,
      'cat(class(s$summary$buffer_bytes), class(s$summary$socket_buffers), class(s$runs$state),',
      'nrow(s$samples), sum(s$runs$traced), is.na(s$runs$signal[1]))',
    ];
    const { stdout, stderr } = run('Rscript', '-e', asked.join('\n'));
    expect({ stdout, stderr }).toEqual({
      stdout: 'numeric logical character 24 0 TRUE',
      stderr: '',
    });
  });

  it.skipIf(noPython)('reads rows in Python without packages', () => {
    const asked = [
      `import sys; sys.path.insert(0, "${ANALYSIS}"); sys.dont_write_bytecode = True`,
      'import load, json',
      `rows = load.rows("${FOLDER}", "summary")`,
      'print(json.dumps([[r["ipc"], r["buffer_bytes"], r["socket_buffers"], r["probe_effect"]] for r in rows]))',
      'print(load.channel(rows[0]))',
    ];
    const { status, stdout, stderr } = run('python3', '-c', asked.join('\n'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [values = '', channel] = stdout.trim().split('\n');
    expect(JSON.parse(values)).toEqual(
      ['pipe', 'local'].flatMap((ipc) => [4096, 16384].map((size) => [ipc, size, false, null])),
    );
    expect(channel).toBe('pipe 2proc, 0.0625 MiB');
  });

  it.skipIf(noPython)(
    'prints the medians in Python, and draws them or says what is missing',
    () => {
      const { status, stdout, stderr } = run(
        'python3',
        '-B',
        `${ANALYSIS}load.py`,
        FOLDER,
        'py.pdf',
      );
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('\t').at(-1)),
      ).toEqual(medians());
      if (noPandas) {
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: expect.stringMatching(/^no figure: (pandas|matplotlib) is not installed/),
        });
      } else {
        expect({ status, drawn: isPdf('py.pdf') }).toEqual({ status: 0, drawn: true });
      }
    },
  );

  it.skipIf(noPandas)('runs as a notebook, cell by cell', () => {
    const sources = cells().map(({ source }) => source.join(''));
    const code = sources.join('\n').replace('../../results/quickstart-1', place.path(FOLDER));
    const preamble = `import sys; sys.path.insert(0, "${ANALYSIS}"); import matplotlib; matplotlib.use("Agg")\n`;
    expect(run('python3', '-B', '-c', preamble + code)).toMatchObject({ status: 0 });
  });
});

interface NotebookCell {
  readonly cell_type: string;
  readonly metadata: object;
  readonly source: readonly string[];
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
}

interface Notebook {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly metadata: object;
  readonly cells: readonly NotebookCell[];
}

const notebook = JSON.parse(readFileSync(`${ANALYSIS}bandwidth.ipynb`, 'utf8')) as Notebook;
const cells = () => notebook.cells.filter(({ cell_type }) => cell_type === 'code');

describe('the notebook', () => {
  it('has format 4 and contains no outputs', () => {
    // Up to 4.4 cells have no ids.
    expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 4, metadata: {} });
    for (const cell of notebook.cells) {
      const keys = Object.keys(cell).sort();
      const code = cell.cell_type === 'code';
      if (code) expect(cell).toMatchObject({ outputs: [], execution_count: null, metadata: {} });
      const more = code ? ['execution_count', 'outputs'] : [];
      expect(keys).toEqual(['cell_type', 'metadata', 'source', ...more].sort());
      expect(cell.source.every((line) => typeof line === 'string')).toBe(true);
    }
    expect(cells().length).toBeGreaterThan(1);
  });

  it.skipIf(noPython)('is written in Python, and calls functions that load.py has', () => {
    const code = cells()
      .map(({ source }) => source.join(''))
      .join('\n');
    const script = 'import ast, sys; ast.parse(sys.stdin.read())';
    const { status, stderr } = spawnSync('python3', ['-c', script], {
      input: code,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const functions = readFileSync(`${ANALYSIS}load.py`, 'utf8');
    for (const [, name] of code.matchAll(/\bload\.(\w+)\(/g)) {
      expect(functions).toMatch(new RegExp(`^def ${name}\\(`, 'm'));
    }
  });
});
