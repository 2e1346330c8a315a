import { z } from 'zod';
import { HOST_NAME, HOST_NAME_EXPECTED, LOCAL_HOST } from '../host/host-name.ts';
import { countersSchema } from './counters.ts';
import { durationSchema } from './duration-schema.ts';
import { DURATION_EXPECTED } from './durations.ts';
import { EXPECTATION_EXPECTED, parseExpectation } from './expectation.ts';
import { hookSchema } from './hook-schema.ts';
import { LIMITS } from './limits.ts';
import { matrixSchema } from './matrix-schema.ts';
import { PROGRAM_NAME, PROGRAM_NAME_EXPECTED } from './program-name.ts';
import { retrySchema } from './retry.ts';
import { SWEEP_NAME, SWEEP_NAME_EXPECTED } from './sweep-name.ts';
import { traceSchema } from './trace-schema.ts';
import { trialsSchema } from './trials.ts';

/*
 * One source for the checks, the TypeScript types and the published JSON Schema.
 * An `error` text here completes the sentence "expected ..., got ...".
 */

export const ASSIGNMENTS = ['whole-cells', 'every-host'] as const;

const hostName = z
  .string({ error: HOST_NAME_EXPECTED })
  .regex(HOST_NAME, { error: HOST_NAME_EXPECTED });

export const ORDERS = ['shuffled', 'round-robin', 'sequential'] as const;

const PROGRAM_EXPECTED = 'bundled, or the path of an ipc-benchmark';
const program = z
  .string({ error: PROGRAM_EXPECTED })
  .min(1, { error: PROGRAM_EXPECTED })
  .regex(/^[^\0-\x1f\x7f]*$/, { error: 'a path without control characters' });

const PROGRAMS_EXPECTED =
  'a name for each of several programs, such as { base: ./old, new: ./new }';
const programs = z
  .record(
    z.string().regex(PROGRAM_NAME, { error: PROGRAM_NAME_EXPECTED }),
    program.describe("'bundled', or the path of an ipc-benchmark (relative to the spec's folder)."),
    { error: PROGRAMS_EXPECTED },
  )
  .refine((named) => Object.keys(named).length >= 2, {
    error: 'at least two programs; a single one is benchmark.program',
  })
  .refine((named) => Object.keys(named).length <= LIMITS.programs, {
    error: `at most ${LIMITS.programs} programs`,
  });

const benchmark = z
  .strictObject({
    program: program
      .optional()
      .meta({ default: 'bundled' })
      .describe("'bundled', or the path of an ipc-benchmark (relative to the spec's folder)."),
    programs: programs
      .optional()
      .meta({ minProperties: 2, maxProperties: LIMITS.programs })
      .describe('Several of them by name, each of which makes every cell: the program is an axis.'),
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
    counters: countersSchema
      .optional()
      .describe('Count in each sample: hardware counters, or the software set of the kernel (-P).'),
  })
  .refine((value) => value.program === undefined || value.programs === undefined, {
    error: 'program or programs, not both',
  })
  // Keep this order: this text identifies a sweep, and versions without `programs` have stored it
  // too.
  .transform(({ program: only, programs: named, ...options }) =>
    named === undefined
      ? { program: only ?? 'bundled', ...options }
      : { programs: named, ...options },
  );

const expectation = z
  .string({ error: EXPECTATION_EXPECTED })
  .max(LIMITS.whereCharacters, {
    error: `at most ${LIMITS.whereCharacters} characters`,
    abort: true,
  })
  .superRefine((text, context) => {
    const parsed = parseExpectation(text);
    if (parsed.state === 'ok') return;
    const { expected: message, place } = parsed;
    context.addIssue({ code: 'custom', message, params: { place } });
  });

export const experimentSchema = z
  .strictObject({
    name: z
      .string({ error: 'a name' })
      .regex(SWEEP_NAME, { error: SWEEP_NAME_EXPECTED })
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
    trace: traceSchema.prefault({}),
    hosts: z
      .array(hostName, { error: 'a list of hosts' })
      .min(1, { error: 'at least one host' })
      .max(LIMITS.hosts, { error: `at most ${LIMITS.hosts} hosts` })
      .refine((names) => new Set(names).size === names.length, { error: 'each host once' })
      .default([LOCAL_HOST])
      .describe('Where the runs are made: local is this machine, anything else what ssh is told.'),
    assign: z
      .enum(ASSIGNMENTS, { error: `one of ${ASSIGNMENTS.join(', ')}` })
      .default('whole-cells')
      .describe(
        'whole-cells: every trial of a cell is made on one host; every-host: each host makes the whole matrix, and the host is one more axis.',
      ),
    host_patience: durationSchema(DURATION_EXPECTED)
      .default(120_000)
      .describe('How long a host that has gone is waited for before it is set aside.'),
    trials: trialsSchema
      .prefault(11)
      .describe('How often every cell is run: a number, or until its median is known well enough.'),
    budget: durationSchema('a duration from 1ms to 576h (24 days)')
      .optional()
      .describe('No run is started when the sweep has taken this long in all.'),
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
    retry: retrySchema.prefault({}),
    max_failures: z
      .int({ error: 'a whole number of failures' })
      .min(1, { error: 'at least 1 failure' })
      .max(1_000_000, { error: 'at most 1000000 failures' })
      .default(20)
      .describe('Give the sweep up after this many runs in a row that did not succeed.'),
    expect: z
      .array(expectation, { error: 'a list of expectations' })
      .max(LIMITS.expectations, { error: `at most ${LIMITS.expectations} expectations` })
      .default([])
      .describe('What must be true of the cells at the end; the exit code is 1 when it is not.'),
    setup: hookSchema
      .optional()
      .describe('A command before the first run on each host; if it fails, no run is made there.'),
    prepare: hookSchema
      .optional()
      .describe('A command before each run; if it fails, the run has failed.'),
    conclude: hookSchema
      .optional()
      .describe('A command after each run; if it fails, the run is suspect.'),
    cleanup: hookSchema
      .optional()
      .describe('A command after the last run on each host, even if the sweep was interrupted.'),
    timeout: z
      .union([z.literal('auto'), durationSchema(`auto, or ${DURATION_EXPECTED}`)], {
        error: `auto, or ${DURATION_EXPECTED}`,
      })
      .default('auto')
      .describe('When a run is given up; auto computes it from its parameters.'),
  })
  .meta({ title: 'ipc-sweep experiment' });

export type ExperimentDocument = z.output<typeof experimentSchema>;
export type Order = (typeof ORDERS)[number];

/** The JSON Schema that editors use to complete a spec. */
export function publishedJsonSchema(): Record<string, unknown> {
  // Every editor's YAML support understands draft 7.
  return z.toJSONSchema(experimentSchema, { io: 'input', target: 'draft-7' });
}
