import { z } from 'zod';
import { OF_CELL } from '../../export/columns.ts';
import { rowSchema } from './row-schema.ts';
import {
  cellSchema,
  count,
  type Described,
  flag,
  head,
  id,
  quantity,
  text,
  textOrNull,
  texts,
} from './schema-parts.ts';

const share = {
  cells: count('cells', 'cells that it makes'),
  runs: count('runs', 'runs that it has, or has at least'),
  estimate_s: quantity('s', 'about how long it takes'),
};

export const planSchema = z
  .strictObject({
    document: z.literal('plan'),
    ...head,
    name: text('the name of the experiment'),
    cells: z.array(cellSchema()).describe('the cells, without those of other shards'),
    left_out: z
      .array(
        rowSchema(
          OF_CELL.filter(({ name }) => name !== 'cell'),
          {
            cause: z
              .enum(['not-a-multiple', 'no-sockets', 'excluded', 'where', 'too-large', 'only'])
              .describe('why, as a code'),
            reason: text('why, in words'),
          },
        ),
      )
      .describe('combinations of the matrix that are no cells'),
    runs: z
      .array(
        z.strictObject({
          ordinal: id('place in the whole plan, from 1'),
          cell: id('the number of the cell'),
          trial: id('repetition of the cell, from 1, warm-up included'),
          warmup: flag('a warm-up trial, which no summary counts'),
          traced: flag('false for a control, and for every run without a tracer'),
        }),
      )
      .describe('in their order; more than that are made only up to a precision'),
    commands: z.array(texts('the program and its arguments')).describe('a command for each cell'),
    tracer: text('the tracer that `run` would take; auto if that is up to another machine'),
    tracer_usable: z
      .boolean()
      .nullable()
      .describe('whether it works here; null if only other machines make runs'),
    trace_program: textOrNull('the text of the program that the tracer is given'),
    scripts: texts("paths of the user's own tracing scripts"),
    scripts_attached: z
      .array(
        z.strictObject({
          script: text('its path'),
          attached: z
            .enum(['session', 'per-run'])
            .describe('with the session, as part of its program, or by itself to every run'),
          because: textOrNull('why it is attached to every run; null if it is not'),
        }),
      )
      .describe('how each of them would be attached'),
    hooks: z
      .record(z.string(), texts('the program and its arguments'))
      .describe('the commands around the runs, by setup, prepare, conclude and cleanup'),
    options: z
      .array(
        z.strictObject({
          option: text('as it is typed, such as --set'),
          value: text('its value; empty for a switch'),
        }),
      )
      .describe('the options that changed the spec'),
    missing: z
      .array(z.strictObject({ name: text('what'), reason: text('why') }))
      .describe('what the spec or the defaults ask for and this machine does not have'),
    notes: texts('parts of the spec that have no effect here, or another one'),
    refused: z
      .array(z.strictObject({ message: text('the reason'), hint: textOrNull('what to do') }))
      .describe('why `run` would refuse to begin; empty if it would not'),
    assign: z.enum(['whole-cells', 'every-host']).describe('how the hosts share the matrix'),
    shard: z.int().nullable().describe('which shard this is (`--shard`); null without one'),
    shards: z
      .array(z.strictObject({ shard: id('its number'), ...share }))
      .describe('every shard; empty without `--shard`'),
    hosts: z
      .array(z.strictObject({ host: text('its name in the spec'), ...share }))
      .describe('what each host has to do'),
    estimate_s: quantity('s', 'about how long the whole takes, all hosts at once'),
    estimate_at_least: flag('true if more runs may turn out to be needed'),
  })
  .meta({ title: 'ipc-sweep plan --json' });

export type PlanDocument = Described<typeof planSchema>;
