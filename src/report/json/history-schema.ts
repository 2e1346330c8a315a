import { z } from 'zod';
import {
  cellSchema,
  codeAndMessage,
  count,
  type Described,
  flag,
  head,
  id,
  quantity,
  quantityOrNull,
  text,
  textOrNull,
  texts,
} from './schema-parts.ts';

const sweep = {
  database: text('the database that holds the sweep'),
  sweep: id('its id there'),
  name: text('the name of the experiment'),
  started_at: textOrNull('in UTC, ISO 8601; null for an import'),
};
const place = (description: string) => z.strictObject(sweep).describe(description);

const changes = z
  .array(
    z.strictObject({
      code: text('of docs/environment.md; or commit, or conditions'),
      what: text('in words'),
      before: text('the value in the sweep before'),
      after: text('the value in this sweep'),
      ...sweep,
    }),
  )
  .describe('what else changed, each with the first sweep that has it');

const doubts = texts('codes of what harms the runs (docs/method.md, docs/environment.md)');

const step = z.strictObject({
  since: place('the first sweep after the step'),
  earliest: place('the first sweep with which it may have begun'),
  latest: place('the last sweep with which it may have begun'),
  before_bytes_per_s: quantity('bytes/s', 'the level before'),
  after_bytes_per_s: quantity('bytes/s', 'the level after'),
  ratio: quantity('ratio', 'after over before'),
  ratio_ci_low: quantityOrNull('ratio', 'lower end of its interval'),
  ratio_ci_high: quantityOrNull('ratio', 'upper end of its interval'),
  ratio_ci_level: quantityOrNull('share', 'level of that interval'),
  changes,
  doubts,
  new: flag('whether it may have begun within --since'),
});

const cell = cellSchema({
  label: text('what it is called in the output'),
  machine: text('what its host calls itself'),
  measured: text('how it was measured; sweeps that differ in this are not compared'),
  state: z.enum(['looked-at', 'too-few-sweeps']).describe('whether steps were looked for'),
  deviation: quantityOrNull('share', 'the noise between sweeps'),
  detectable_slowdown: quantityOrNull('share', 'the slowdown that would be found'),
  autocorrelated: z.boolean().nullable().describe('whether sweeps resemble the one before'),
  points: z
    .array(
      z.strictObject({
        ...sweep,
        n: count('runs', 'runs that are quoted'),
        bandwidth_median_bytes_per_s: quantity('bytes/s', 'their median'),
        bandwidth_ci_low_bytes_per_s: quantityOrNull('bytes/s', 'lower end of its interval'),
        bandwidth_ci_high_bytes_per_s: quantityOrNull('bytes/s', 'upper end of its interval'),
        bandwidth_ci_level: quantityOrNull('share', 'level of that interval'),
        doubts,
        group: textOrNull('the value by which --by groups the sweep'),
      }),
    )
    .describe('its sweeps, in the order of --by'),
  groups: z
    .array(
      z.strictObject({
        group: text('the value by which --by groups the sweeps'),
        sweeps: count('sweeps', 'sweeps that have it'),
        bandwidth_median_bytes_per_s: quantity('bytes/s', 'the median of their medians'),
      }),
    )
    .describe('empty with --by time'),
  levels: z
    .array(
      z.strictObject({
        from: place('the first sweep of this level'),
        to: place('the last sweep of this level'),
        level_bytes_per_s: quantity('bytes/s', 'the level'),
      }),
    )
    .describe('the levels between the steps'),
  changes,
  steps: z.array(step).describe('lasting changes of the level, oldest first'),
});

export const historySchema = z
  .strictObject({
    document: z.literal('history'),
    ...head,
    name: text('the name of the experiment'),
    by: z.enum(['time', 'kernel', 'commit', 'benchmark']).describe('the order of the sweeps'),
    since: text('of --since, as it was written'),
    sweeps: z.array(place('one sweep')).describe('all that are looked at, oldest first'),
    left_out: z
      .array(z.strictObject({ ...sweep, why: text('why') }))
      .describe('sweeps of that name that are not looked at'),
    warnings: z.array(codeAndMessage).describe('what to know before the history is believed'),
    cells: z.array(cell).describe('a cell on one machine each'),
    failed: flag('whether --fail-on-step ends the command with exit code 1'),
  })
  .meta({ title: 'ipc-sweep history --json' });

export type HistoryDocument = Described<typeof historySchema>;
