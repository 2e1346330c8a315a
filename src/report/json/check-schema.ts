import { z } from 'zod';
import { NOT_JUDGED, VERDICT_STATES } from '../../analyse/expectation-verdict.ts';
import {
  cellSchema,
  count,
  type Described,
  head,
  id,
  quantityOrNull,
  text,
  textOrNull,
  texts,
} from './schema-parts.ts';

const because = z.enum(NOT_JUDGED).nullable();
const measured = (description: string) =>
  z.number().nullable().describe(`${description}, in the unit of the expectation`);

const difference = z.strictObject({
  code: text('the condition, such as trials'),
  asked: text('what the spec asks for'),
  made: text('what the sweep was made with'),
  message: text('in words'),
});

const doubt = z.strictObject({
  code: text('of docs/tracing.md, docs/environment.md or docs/method.md'),
  about: z.enum(['sweep', 'runs', 'cells', 'machine']).describe('what it concerns'),
  runs: z.int().nullable().meta({ description: 'runs that it concerns; null: all', unit: 'runs' }),
  of_runs: count('runs', 'runs that there are'),
  cells: texts('names of the cells that it concerns; empty: all'),
  hosts: texts('the hosts that it concerns; empty: all'),
  message: text('in words'),
});

const expectation = z.strictObject({
  expectation: text('as the spec has it'),
  state: z.enum(VERDICT_STATES).describe('over all cells that it concerns'),
  because: because.describe('why it is not judged'),
  found: text('what was measured, or what is missing, in words'),
  cells: count('cells', 'cells that were made and that it concerns'),
  cells_met: count('cells', 'those of them that fulfil it'),
  cells_missed: count('cells', 'those of them that contradict it'),
  cells_unknown: count('cells', 'those of them that cannot be judged'),
  cells_missing: count('cells', 'cells that it concerns and that were not made'),
  measured_least: measured('the least value'),
  measured_most: measured('the greatest value'),
  measured_unit: text('the unit of the measured values'),
  by_cell: z
    .array(
      cellSchema({
        state: z.enum(['met', 'missed', 'unknown']).describe('of the expectation in this cell'),
        measured: measured('the value'),
        because: because.describe('why it is unknown'),
        found: text('the value, or what is missing, in words'),
      }),
    )
    .describe('the cells that it concerns'),
});

const about = {
  student: text("the part of the file's path that no other has"),
  database: text('the file, as it was named'),
};

const judged = z
  .strictObject({
    ...about,
    because: z.null().describe('it was judged'),
    reason: z.null().describe('it was judged'),
    sweep: z
      .strictObject({
        id: id('its number in the database'),
        name: text('the name of the experiment'),
        state: z.enum(['running', 'interrupted', 'stopped', 'ended']).describe('how far it is'),
        started_at: textOrNull('in UTC, ISO 8601; null for an import'),
        planned_runs: count('runs', 'runs that it has, or has at least'),
        done_runs: count('runs', 'planned runs that have ended'),
        tracer: text('the program that looked into the kernel, or none'),
        of_sweeps: count('sweeps', 'sweeps in the database'),
      })
      .describe('the sweep that is judged'),
    machines: texts('what its machines call themselves'),
    environment: z
      .record(z.string(), z.string())
      .describe('facts that its machines have in common, by the keys of docs/environment.md'),
    copy_of: textOrNull('a database before it with the same identity; one is a copy of the other'),
    differences: z.array(difference).describe('what differs from the spec'),
    doubts: z.array(doubt).describe('reasons to trust the numbers less'),
    expectations: z.array(expectation).describe('those of the spec, in its order'),
  })
  .describe('a database that was judged');

const unread = z
  .strictObject({
    ...about,
    because: z.enum(['unreadable', 'no-sweep']).describe('why it is not judged'),
    reason: text('why, in words'),
    sweep: z.null().describe('there is none to judge'),
  })
  .describe('a database that cannot be judged');

export const checkSchema = z
  .strictObject({
    document: z.literal('check'),
    ...head,
    spec: text('the file of the spec'),
    name: text('the name of its experiment'),
    expectations: z
      .array(
        z.strictObject({
          expectation: text('as the spec has it'),
          unit: text('the unit of its value'),
          operator: text('how the measured value is compared with it'),
          value: quantityOrNull('in `unit`', 'what it is compared with'),
        }),
      )
      .describe('of the spec'),
    databases: z.array(z.union([judged, unread])).describe('in the order of the command line'),
    summary: z
      .strictObject({
        pass: texts('students whose databases fulfil all expectations'),
        fail: texts('students with a database that contradicts one'),
        not_judged: texts('all others'),
      })
      .describe('who passes'),
  })
  .meta({ title: 'ipc-sweep check --json' });

export type CheckDocument = Described<typeof checkSchema>;
