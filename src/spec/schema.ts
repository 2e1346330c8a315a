import { z } from 'zod';
import { AXES, IPC_TYPES, MODES } from './cell.ts';
import { DURATION_EXPECTED, DURATION_PATTERN, parseDuration } from './durations.ts';
import { rangeValues } from './range.ts';
import { parseSize, SIZE_EXPECTED, SIZE_PATTERN } from './sizes.ts';
import { compileWhere } from './where.ts';

/*
 * One source for the checks, the TypeScript types and the published JSON Schema.
 * An `error` text here completes the sentence "expected ..., got ...".
 */

export const LIMITS = {
  /** The benchmark maps and touches two buffers of this size. */
  bufferBytes: 1024 ** 3,
  totalBytes: 1024 ** 4,
  iterations: 10_000,
  trials: 10_000,
  axisValues: 10_000,
  /** Entries of exclude. */
  patterns: 1000,
  whereCharacters: 2000,
  /** 24 days: a timer of Node holds 2^31 - 1 ms, and fires at once above that. */
  timeoutMs: 24 * 86_400_000,
  /** Above this many cells `--allow-large` is asked for. */
  cells: 10_000,
  /** Above this many cells nothing helps. */
  cellsAtMost: 2_000_000,
  runs: 1_000_000,
  runsAtMost: 12_000_000,
} as const;

export const INSTRUMENTS = [
  'syscalls',
  'pipe-states',
  'context-switches',
  'io-latency',
  'io-sizes',
] as const;
const DEFAULT_INSTRUMENTS = ['syscalls', 'pipe-states', 'io-sizes'] as const;
export const TRACERS = ['auto', 'dtrace', 'bpftrace', 'strace', 'none'] as const;
export const ATTACHMENTS = ['session', 'per-run'] as const;
export const ORDERS = ['shuffled', 'round-robin', 'sequential'] as const;

const size = z.union(
  [
    z.int({ error: SIZE_EXPECTED }).min(1, { error: SIZE_EXPECTED }),
    z
      .string()
      .regex(SIZE_PATTERN, { error: SIZE_EXPECTED })
      .transform((text, context) => {
        const bytes = parseSize(text);
        if (bytes !== undefined && bytes >= 1) return bytes;
        context.addIssue({ code: 'custom', message: SIZE_EXPECTED });
        return z.NEVER;
      }),
  ],
  { error: SIZE_EXPECTED },
);

const factor = z
  .int({ error: 'a whole factor of at least 2' })
  .min(2, { error: 'a whole factor of at least 2' });

const range = z
  .strictObject({
    from: size.describe('First value of the axis.'),
    to: size.describe('The axis ends at the last value that is not above this one.'),
    factor: factor.optional().describe('Multiply by this each time.'),
    step: size.optional().describe('Add this each time.'),
  })
  .refine((value) => (value.factor === undefined) !== (value.step === undefined), {
    error: 'either factor or step (one of them, not both)',
  })
  .refine((value) => value.from <= value.to, {
    error: 'a range whose from is not above its to',
  })
  .transform((value, context) => {
    const values = rangeValues(value, LIMITS.axisValues);
    if (values) return values;
    context.addIssue({ code: 'custom', message: `a range of at most ${LIMITS.axisValues} values` });
    return z.NEVER;
  });

const AXIS_EXPECTED =
  'a size, a list of sizes, or a range such as { from: 512, to: 1MiB, factor: 2 }';

const sizeList = z
  .array(size)
  .min(1, { error: 'at least one size' })
  .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} sizes` });

const sizeAxis = z.union([size, sizeList, range], { error: AXIS_EXPECTED });
const sizePattern = z.union([size, sizeList], { error: 'a size or a list of sizes' });

function wordAxis<const Words extends readonly [string, ...string[]]>(words: Words) {
  const expected = `one of ${words.join(', ')}`;
  const word = z.enum(words, { error: expected });
  const list = z
    .array(word)
    .min(1, { error: `at least ${expected}` })
    .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} words` });
  return z.union([word, list], { error: `${expected}, or a list of them` });
}

const flagAxis = z.union(
  [
    z.boolean(),
    z
      .array(z.boolean({ error: 'true or false' }))
      .min(1, { error: 'at least one of true, false' })
      .max(LIMITS.axisValues, { error: `at most ${LIMITS.axisValues} words` }),
  ],
  { error: 'true, false, or a list of them' },
);

const axisName = z.enum(AXES, { error: `an axis: ${AXES.join(', ')}` });

/** Some axes with a value (or values) each: names the cells that agree with all of them. */
const pattern = z
  .strictObject({
    buffer_size: sizePattern.optional(),
    total_size: sizePattern.optional(),
    ipc: wordAxis(IPC_TYPES).optional(),
    mode: wordAxis(MODES).optional(),
    socket_buffers: flagAxis.optional(),
  })
  .refine((value) => Object.keys(value).length > 0, { error: 'at least one axis with a value' });

const cellValues = z.strictObject({
  buffer_size: size.optional(),
  total_size: size.optional(),
  ipc: z.enum(IPC_TYPES, { error: `one of ${IPC_TYPES.join(', ')}` }).optional(),
  mode: z.enum(MODES, { error: `one of ${MODES.join(', ')}` }).optional(),
  socket_buffers: z.boolean({ error: 'true or false' }).optional(),
});

const benchmark = z.strictObject({
  program: z
    .string({ error: 'bundled, or the path of an ipc-benchmark' })
    .min(1, { error: 'bundled, or the path of an ipc-benchmark' })
    .regex(/^[^\0-\x1f\x7f]*$/, { error: 'a path without control characters' })
    .default('bundled')
    .describe("'bundled', or the path of an ipc-benchmark (relative to the spec's folder)."),
  bare: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Skip the flush, sync and settle sleeps of the benchmark (-B).'),
  iterations: z
    .int({ error: 'a whole number of iterations' })
    .min(1, { error: 'at least 1 iteration' })
    .max(LIMITS.iterations, { error: `at most ${LIMITS.iterations} iterations` })
    .default(1)
    .describe('Samples taken inside one process (-n).'),
  rusage: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Report CPU time and context switches of each sample (-g).'),
});

const CONDITION_EXPECTED = 'a condition such as "total_size / buffer_size <= 4096"';

export const matrixSchema = z.strictObject({
  buffer_size: sizeAxis.default(128 * 1024).describe('Bytes of one read or write call (-b).'),
  total_size: sizeAxis.default(16 * 1024 ** 2).describe('Bytes moved in one iteration (-t).'),
  ipc: wordAxis(IPC_TYPES).default('pipe').describe('The channel (-i).'),
  mode: wordAxis(MODES).default('2proc').describe('Two processes or two threads.'),
  socket_buffers: flagAxis
    .default(false)
    .describe('Set the socket buffers to the buffer size (-s; local and tcp only).'),
  zip: z
    .array(
      z
        .array(axisName, { error: 'a list of axes to advance together' })
        .min(2, { error: 'at least two axes to advance together' }),
      { error: 'a list of groups such as [[buffer_size, total_size]]' },
    )
    .default([])
    .describe('Groups of axes that advance together instead of being multiplied.'),
  exclude: z
    .array(pattern, { error: 'a list such as [{ ipc: tcp, buffer_size: 512 }]' })
    .max(LIMITS.patterns, { error: `at most ${LIMITS.patterns} entries` })
    .default([])
    .describe('Cells to leave out.'),
  where: z
    .string({ error: CONDITION_EXPECTED })
    .min(1, { error: CONDITION_EXPECTED, abort: true })
    .max(LIMITS.whereCharacters, {
      error: `at most ${LIMITS.whereCharacters} characters`,
      abort: true,
    })
    .superRefine((text, context) => {
      const compiled = compileWhere(text);
      if (compiled.state === 'broken') {
        context.addIssue({ code: 'custom', message: compiled.expected });
      }
    })
    .optional()
    .describe('Keep the cells for which this Common Expression Language condition is true.'),
  include: z
    .array(cellValues, { error: 'a list such as [{ buffer_size: 8191, total_size: 1048448 }]' })
    .default([])
    .describe('Cells to add, whatever exclude and where say.'),
});

const bufferOption = z
  .string({ error: 'a buffer size such as 512k or 4m' })
  .regex(/^[1-9]\d{0,8}[kmg]$/, { error: 'a buffer size such as 512k or 4m' });
// A bare number would be nanoseconds.
const rateOption = z
  .string({ error: 'a rate such as 100hz or 10ms' })
  .regex(/^[1-9]\d{0,5}(hz|ms|us|s)$/, { error: 'a rate such as 100hz or 10ms' });

const trace = z.strictObject({
  tracer: z
    .enum(TRACERS, { error: `one of ${TRACERS.join(', ')}` })
    .default('auto')
    .describe('What looks into the kernel; none runs untraced.'),
  sudo: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Start dtrace and bpftrace by sudo -n, and nothing else; for who is not root.'),
  instruments: z
    .array(z.enum(INSTRUMENTS, { error: `an instrument: ${INSTRUMENTS.join(', ')}` }), {
      error: `a list of instruments: ${INSTRUMENTS.join(', ')}`,
    })
    .refine((names) => new Set(names).size === names.length, { error: 'each instrument once' })
    .default([...DEFAULT_INSTRUMENTS])
    .describe('The questions put to the kernel. io-sizes is always asked: the checks need it.'),
  events: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Also record every read and write on the pipe in order; needs pipe-states.'),
  scripts: z
    .array(
      z
        .string({ error: 'the path of a .d or .bt file' })
        .regex(/^[^\0-\x1f\x7f]{1,4096}\.(d|bt)$/, {
          error: 'the path of a .d or .bt file',
        }),
    )
    .max(8, { error: 'at most 8 scripts' })
    .default([])
    .describe(
      "Your own tracing scripts, relative to the spec's folder; each is attached to every run.",
    ),
  attach: z
    .enum(ATTACHMENTS, { error: `one of ${ATTACHMENTS.join(', ')}` })
    .default('session')
    .describe('session: one tracer stays attached over all runs; per-run: a new one for each run.'),
  options: z
    .strictObject({
      bufsize: bufferOption.optional(),
      aggsize: bufferOption.optional(),
      dynvarsize: bufferOption.optional(),
      switchrate: rateOption.optional(),
      aggrate: rateOption.optional(),
      statusrate: rateOption.optional(),
    })
    .default({})
    .describe("dtrace's -x options, in place of the defaults."),
});

export const experimentSchema = z
  .strictObject({
    name: z
      .string({ error: 'a name' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
        error: 'a name of letters, digits, dot, dash and underscore, at most 64 long',
      })
      .describe('Names the sweep and its results folder.'),
    description: z
      .string({ error: 'text' })
      .max(4000, { error: 'at most 4000 characters' })
      .default(''),
    benchmark: benchmark.prefault({}),
    matrix: matrixSchema.prefault({}),
    invalid_cells: z
      .enum(['skip', 'error'], { error: 'skip or error' })
      .default('skip')
      .describe('What to do with cells whose total is no multiple of their buffer.'),
    trace: trace.prefault({}),
    trials: z
      .int({ error: 'a whole number of trials' })
      .min(1, { error: 'at least 1 trial' })
      .max(LIMITS.trials, { error: `at most ${LIMITS.trials} trials` })
      .default(11)
      .describe('How often every cell is run.'),
    warmup: z
      .int({ error: 'a whole number of warm-up trials' })
      .min(0, { error: '0 or more warm-up trials' })
      .max(LIMITS.trials, { error: `at most ${LIMITS.trials} warm-up trials` })
      .default(0)
      .describe('Extra first trials of every cell, stored and flagged, left out of the summaries.'),
    order: z
      .enum(ORDERS, { error: `one of ${ORDERS.join(', ')}` })
      .default('shuffled')
      .describe(
        'shuffled: seeded blocks, each holding one trial of every cell; round-robin: the same blocks unshuffled; sequential: all trials of a cell, then the next.',
      ),
    seed: z
      .int({ error: 'a whole number from 0 to 4294967295' })
      .min(0, { error: 'a whole number from 0 to 4294967295' })
      .max(4294967295, { error: 'a whole number from 0 to 4294967295' })
      .default(1),
    max_failures: z
      .int({ error: 'a whole number of failures' })
      .min(1, { error: 'at least 1 failure' })
      .max(1_000_000, { error: 'at most 1000000 failures' })
      .default(20)
      .describe('Give the sweep up after this many runs in a row that did not succeed.'),
    timeout: z
      .union(
        [
          z.literal('auto'),
          z
            .string()
            .regex(DURATION_PATTERN, { error: `auto, or ${DURATION_EXPECTED}` })
            .transform((text) => parseDuration(text) ?? 0)
            .refine((ms) => ms >= 1 && ms <= LIMITS.timeoutMs, {
              error: 'a duration from 1ms to 576h (24 days)',
            }),
        ],
        { error: `auto, or ${DURATION_EXPECTED}` },
      )
      .default('auto')
      .describe('When a run is given up; auto computes it from its parameters.'),
  })
  .meta({ title: 'ipc-sweep experiment' });

export type ExperimentDocument = z.output<typeof experimentSchema>;
export type MatrixDocument = ExperimentDocument['matrix'];
export type InstrumentName = (typeof INSTRUMENTS)[number];
export type TracerChoice = (typeof TRACERS)[number];
export type Order = (typeof ORDERS)[number];

/** The JSON Schema that editors use to complete a spec. */
export function publishedJsonSchema(): Record<string, unknown> {
  // Draft 7 is what every editor's YAML support understands.
  return z.toJSONSchema(experimentSchema, { io: 'input', target: 'draft-7' });
}
