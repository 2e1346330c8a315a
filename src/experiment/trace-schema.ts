import { z } from 'zod';
import { INSTRUMENT_NAMES, INSTRUMENTS } from '../instruments/instruments.ts';

export const TRACERS = ['auto', 'dtrace', 'bpftrace', 'strace', 'none'] as const;
export const ATTACHMENTS = ['session', 'per-run'] as const;

const DEFAULT_INSTRUMENTS = INSTRUMENTS.filter(({ isDefault }) => isDefault).map(
  ({ name }) => name,
);

const bufferOption = z
  .string({ error: 'a buffer size such as 512k or 4m' })
  .regex(/^[1-9]\d{0,8}[kmg]$/, { error: 'a buffer size such as 512k or 4m' });
// A number without a unit would be nanoseconds.
const rateOption = z
  .string({ error: 'a rate such as 100hz or 10ms' })
  .regex(/^[1-9]\d{0,5}(hz|ms|us|s)$/, { error: 'a rate such as 100hz or 10ms' });

export const traceSchema = z.strictObject({
  tracer: z
    .enum(TRACERS, { error: `one of ${TRACERS.join(', ')}` })
    .default('auto')
    .describe('What looks into the kernel; none runs untraced.'),
  sudo: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Start dtrace and bpftrace by sudo -n, and nothing else; for who is not root.'),
  instruments: z
    .array(z.enum(INSTRUMENT_NAMES, { error: `an instrument: ${INSTRUMENT_NAMES.join(', ')}` }), {
      error: `a list of instruments: ${INSTRUMENT_NAMES.join(', ')}`,
    })
    .refine((names) => new Set(names).size === names.length, { error: 'each instrument once' })
    .default(DEFAULT_INSTRUMENTS)
    .describe('The questions put to the kernel. io-sizes is always asked: the checks need it.'),
  allow_missing: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe(
      'Run without what the spec names and this machine does not have, and say so with the results.',
    ),
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
      "Your own tracing scripts, relative to the spec's folder; they ride in the tracer's session where they can.",
    ),
  attach: z
    .enum(ATTACHMENTS, { error: `one of ${ATTACHMENTS.join(', ')}` })
    .default('session')
    .describe('session: one tracer stays attached over all runs; per-run: a new one for each run.'),
  controls: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('Run every traced trial also untraced, in the same block; shows what tracing costs.'),
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

export type TracerChoice = (typeof TRACERS)[number];
