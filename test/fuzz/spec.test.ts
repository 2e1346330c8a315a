import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ExitCode, UserError } from '../../src/errors.ts';
import { IPC_TYPES, MATRIX_AXES, MODES } from '../../src/experiment/axes.ts';
import { type Cell, cellKey } from '../../src/experiment/cell.ts';
import { LIMITS } from '../../src/experiment/limits.ts';
import {
  type Experiment,
  loadExperiment,
  parseExperiment,
} from '../../src/experiment/read-experiment.ts';
import { publishedJsonSchema } from '../../src/experiment/schema.ts';
import { endsInTime, FUZZ_TIMEOUT, fuzzed, mutated } from './inputs.ts';

const root = new URL('../../', import.meta.url);
const experiments = readdirSync(new URL('experiments/', root))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `experiments/${name}`);
/** Every example that there is, and one with every part of the grammar. */
const specs = [...experiments, 'src/cli/commands/init/template.yaml']
  .map((path) => readFileSync(new URL(path, root), 'utf8'))
  .concat(`name: every-part
description: >-
  two lines of
  text
benchmark: { program: bundled, bare: true, iterations: 3, rusage: true }
matrix:
  buffer_size: { from: 512, to: 64KiB, factor: 2 }
  total_size: [ 1MiB, 2MiB ]
  ipc: [ pipe, local, tcp ]
  mode: &modes [ 2proc, 2thread ]
  socket_buffers: [ false, true ]
  exclude:
    - { ipc: tcp, buffer_size: 512 }
    - mode: *modes
      total_size: 2MiB
  where: total_size / buffer_size <= 1024 && ipc in ["pipe", "local"]
  include:
    - { buffer_size: 8191, total_size: 1048448, ipc: pipe, mode: 2proc, socket_buffers: false }
invalid_cells: skip
trace:
  tracer: auto
  instruments: [ syscalls, pipe-states, io-sizes ]
  scripts: [ a.bt, "b c.d" ]
  options: { bufsize: 4m, switchrate: 10hz }
trials: 3
warmup: 1
order: shuffled
seed: 42
max_failures: 5
timeout: 30s
`)
  // Aliases of aliases, which multiply.
  .concat(`name: x\nx: [&x [1, 1], &y [${'*x, '.repeat(30)}], &z [${'*y, '.repeat(30)}], *z]\n`);

const keys = (schema: { properties?: object }): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [key, ...keys(inner)]);
const WORDS = [
  ...['&a ', '*a', '*modes', '<<: *modes', '!!int "3"', '!!binary x', '!tag ', '!!js/function "x"'],
  ...[
    '%YAML 1.1\n---\n',
    '---\n',
    '...\n',
    '? ',
    ': ',
    '- ',
    '|\n',
    '>-\n',
    '# ',
    '{',
    '}',
    '[',
    ']',
  ],
  ...['~', 'null', 'yes', '.inf', '.nan', '0x10', '0o7', '1_000', '1e3', '4KiB', '1 GiB', '2^14'],
  ...[
    '__proto__: 1',
    'constructor: {}',
    'toString:',
    '{ from: 1, to: 1TiB, factor: 2 }',
    '[]',
    '{}',
  ],
  ...['{ from: 1, to: 9007199254740991, step: 1 }', 'where: "1 / (buffer_size - 512) > 0"'],
  ...['where: [1].all(x, x > 0)', 'zip: [[buffer_size, total_size]]', 'zip: [[ipc, ipc]]'],
  ...['['.repeat(3000), '{a: '.repeat(3000), '- '.repeat(3000), '? '.repeat(3000), '('.repeat(900)],
  ...['9'.repeat(400), '"\\ud800"', '"\\x00"', '&a [*a, *a]', '\n\t', '\n  '],
  ...keys(publishedJsonSchema()).map((key) => `${key}: `),
];

const options = { allowLarge: false };
const parse = (text: string) => parseExperiment('f.yaml', text, options);

type Outcome =
  | { readonly state: 'ok'; readonly experiment: Experiment }
  | { readonly state: 'refused'; readonly message: string };

/** Anything but an experiment or a complaint to the user is a bug, and goes through. */
function outcomeOf(load: () => Experiment): Outcome {
  try {
    return { state: 'ok', experiment: endsInTime(load) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.exitCode).toBe(ExitCode.usage);
    expect(error.hint).toMatch(/./);
    return { state: 'refused', message: error.message };
  }
}

/** Every problem of a complaint has its place in the text, and words. */
function expectPlaces(file: string, text: string, message: string): void {
  const lines = text.split('\n');
  const unplaced = message.split('\n\n').filter((problem) => {
    if (/^\.\.\. and \d+ more$/.test(problem)) return false;
    const [headline = '', shown = '', caret = ''] = problem.split('\n');
    const place = /^:(\d+):(\d+): .{5}/.exec(headline.slice(file.length));
    const [line, column] = [Number(place?.[1]), Number(place?.[2])];
    return !(
      headline.startsWith(file) &&
      isWhole(line, 1, lines.length) &&
      isWhole(column, 1, (lines[line - 1]?.length ?? 0) + 1) &&
      shown.startsWith('  ') &&
      /^ *\^+$/.test(caret) &&
      // Nothing acts on the terminal.
      !/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/.test(problem)
    );
  });
  expect(unplaced).toEqual([]);
}

const isWhole = (value: number, least: number, most: number) =>
  Number.isSafeInteger(value) && value >= least && value <= most;

function expectSoundCells(cells: readonly Cell[]): void {
  expect(isWhole(cells.length, 1, LIMITS.cells)).toBe(true);
  expect(new Set(cells.map(cellKey)).size).toBe(cells.length);
  const unsound = cells.filter(
    ({ ipc, mode, bufferBytes, totalBytes, socketBuffers }) =>
      !IPC_TYPES.includes(ipc) ||
      !MODES.includes(mode) ||
      !isWhole(bufferBytes, 1, LIMITS.bufferBytes) ||
      !isWhole(totalBytes, 1, LIMITS.totalBytes) ||
      totalBytes % bufferBytes !== 0 ||
      typeof socketBuffers !== 'boolean' ||
      (socketBuffers && ipc !== 'local' && ipc !== 'tcp'),
  );
  expect(unsound).toEqual([]);
}

function expectSound({ cells, leftOut, document, programs, scripts }: Experiment): void {
  expectSoundCells(cells);
  const run = new Set(cells.map(cellKey));
  expect(leftOut.filter(({ cell, reason }) => run.has(cellKey(cell)) || reason === '')).toEqual([]);
  const { trials, warmup, seed, timeout, max_failures, benchmark } = document;
  expect(document.name).toMatch(/^[A-Za-z0-9][\w.-]{0,63}$/);
  expect(isWhole(trials.min, 1, trials.max) && isWhole(trials.max, 1, LIMITS.trials)).toBe(true);
  expect(isWhole(warmup, 0, LIMITS.trials)).toBe(true);
  expect(cells.length * (trials.max + warmup)).toBeLessThanOrEqual(LIMITS.runs);
  expect(isWhole(seed, 0, 2 ** 32 - 1) && isWhole(max_failures, 1, 1_000_000)).toBe(true);
  expect(isWhole(benchmark.iterations, 1, LIMITS.iterations)).toBe(true);
  expect(timeout === 'auto' || isWhole(timeout, 1, LIMITS.timeoutMs)).toBe(true);
  const names = programs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(
    names.length === 1 ? names : names.filter((name) => !/^[A-Za-z][\w-]{0,31}$/.test(name)),
  ).toEqual(names.length === 1 ? [''] : []);
  for (const path of [...scripts, ...programs.map(({ program }) => program)]) {
    expect(path).not.toMatch(/[\0-\x1f]/);
  }
}

function expectSoundOrPlaced(text: string): void {
  const outcome = outcomeOf(() => parse(text));
  if (outcome.state === 'ok') expectSound(outcome.experiment);
  else expectPlaces('f.yaml', text, outcome.message);
}

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const size = fc.oneof(
  fc.constantFrom(1, 512, 4096, 65536, '4KiB', '1MiB', '64 KiB', '4kB', '1GiB', '2TiB', 7, 8191),
  fc.constantFrom<unknown>(
    0,
    -1,
    1.5,
    '4 k B',
    '',
    null,
    true,
    {},
    2 ** 53,
    '99999999999999999999',
  ),
);
const few = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 4 }));
const axes = {
  buffer_size: fc.oneof(
    few(size),
    fc.record({ from: size, to: size, factor: fc.constantFrom(2, 4, 1, 0) }),
  ),
  total_size: few(size),
  ipc: few(fc.constantFrom<unknown>(...IPC_TYPES, ...IPC_TYPES, 'pip')),
  mode: few(fc.constantFrom<unknown>(...MODES, ...MODES, '2Proc')),
  socket_buffers: few(fc.constantFrom<unknown>(true, false, false, 'no')),
};
const entry = fc.record(axes, { requiredKeys: [] });
/** Documents as the grammar has them, and a little beside it. */
const document = fc.record(
  {
    name: fc.constantFrom<unknown>('q', 'a.b-c_d', 'q', 'q', '', ' q', 'é', 1),
    matrix: fc.record(
      {
        ...axes,
        zip: fc.array(fc.array(fc.constantFrom(...MATRIX_AXES), { maxLength: 3 }), {
          maxLength: 2,
        }),
        exclude: fc.array(entry, { maxLength: 3 }),
        include: fc.array(entry, { maxLength: 3 }),
        where: fc.constantFrom(
          'buffer_size < total_size',
          'total_size / buffer_size <= 4096 || ipc == "tcp"',
          'total_size % (buffer_size - 512) == 0',
          'nothing',
        ),
      },
      { requiredKeys: [] },
    ),
    trials: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.double()),
    warmup: fc.constantFrom(0, 1, 3),
    seed: fc.oneof(fc.nat(), fc.maxSafeInteger()),
    timeout: fc.constantFrom<unknown>('auto', '30s', '5 m', '0s', '999999h', 5),
    order: fc.constantFrom('shuffled', 'round-robin', 'sequential', 'random'),
    invalid_cells: fc.constantFrom('skip', 'error'),
    description: fc.string({ unit: 'binary', maxLength: 30 }),
    trace: fc.constantFrom<unknown>(
      { tracer: 'none' },
      { instruments: [] },
      { scripts: ['x.d'] },
      1,
    ),
  },
  { requiredKeys: ['name', 'matrix'] },
);

describe('any text of a spec', FUZZ_TIMEOUT, () => {
  it('that was changed is an experiment with sound cells, or is refused with places', () => {
    fc.assert(fc.property(mutated(specs, WORDS), expectSoundOrPlaced), fuzzed(80));
  });

  it('that is near the grammar means the same in every notation, or is refused with places', () => {
    const notation = fc.record({
      collectionStyle: fc.constantFrom('any', 'flow', 'block'),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL'),
      indent: fc.constantFrom(1, 2, 4),
      defaultKeyType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE'),
    } as const);
    fc.assert(
      fc.property(document, notation, (value, style) => {
        const [plain, other] = [JSON.stringify(value), stringify(value, style)];
        const [first, second] = [plain, other].map((text) => outcomeOf(() => parse(text)));
        expect(second?.state).toBe(first?.state);
        if (second?.state === 'refused') expectPlaces('f.yaml', other, second.message);
        if (first?.state !== 'ok' || second?.state !== 'ok') return;
        expectSound(second.experiment);
        expect(second.experiment.cells).toEqual(first.experiment.cells);
        expect(second.experiment.document).toEqual(first.experiment.document);
        expectFromAxes(first.experiment);
      }),
      fuzzed(8),
    );
  });

  it('that is in a file as bytes is an experiment, or is refused with the file and a place', () => {
    const file = join(folder, 'f.yaml');
    const change = fc.record({
      at: fc.nat(4000),
      over: fc.nat(3),
      bytes: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...specs),
        fc.array(change, { maxLength: 3 }),
        (text, changes) => {
          let bytes = Buffer.from(text);
          for (const { at, over, bytes: put } of changes) {
            const place = at % bytes.length;
            bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + over)]);
          }
          writeFileSync(file, bytes);
          const outcome = outcomeOf(() => loadExperiment(file, options));
          if (outcome.state === 'ok') expectSound(outcome.experiment);
          else if (outcome.message.endsWith('not valid UTF-8')) {
            expect(outcome.message.slice(file.length)).toMatch(/^:[1-9]\d*: /);
          } else expectPlaces(file, bytes.toString('utf8'), outcome.message);
        },
      ),
      fuzzed(12),
    );
  });
});

/** Every cell is a point of the axes as they were read, or of an entry of include. */
function expectFromAxes({ cells, document: { matrix } }: Experiment): void {
  const values = (axis: unknown) => new Set<unknown>(Array.isArray(axis) ? axis : [axis]);
  const on = Object.fromEntries(MATRIX_AXES.map((axis) => [axis, values(matrix[axis])]));
  for (const cell of cells) {
    const point: Record<string, unknown> = {
      ipc: cell.ipc,
      mode: cell.mode,
      buffer_size: cell.bufferBytes,
      total_size: cell.totalBytes,
      socket_buffers: cell.socketBuffers,
    };
    const isOn = MATRIX_AXES.every((axis) => on[axis]?.has(point[axis]));
    const isIncluded = matrix.include.some((entry) =>
      MATRIX_AXES.every((axis) => (entry[axis] ?? [...(on[axis] ?? [])][0]) === point[axis]),
    );
    expect(isOn || isIncluded, cellKey(cell)).toBe(true);
  }
}
