import { z } from 'zod';
import { COMPARISON } from '../../export/comparison-tables.ts';
import type { TableShape } from '../../export/table.ts';
import { rowSchema } from './row-schema.ts';
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

const shape: TableShape = COMPARISON;
const columns = shape.columns.flatMap((column) => ('family' in column ? [] : [column]));

/** The columns of one side of a pair, without the prefix; others take the place of some. */
function columnsOf(prefix: 'a_' | 'b_') {
  return columns.flatMap((column) => {
    const name = column.name.startsWith(prefix) ? column.name.slice(prefix.length) : '';
    return ['', 'selector', 'doubts'].includes(name) ? [] : [{ ...column, name }];
  });
}

const side = {
  side: text('its letter: A is the base'),
  selector: text('the words that name it to `compare`'),
  database: text('the database file, as it was named'),
  sweep: id('the id of its sweep there'),
  name: text('the name of the experiment'),
  started_at: textOrNull('in UTC, ISO 8601; null for an import'),
  programs: texts('the names of its benchmarks; empty for a sweep with a single benchmark'),
  machines: texts('what its machines call themselves'),
  cells: count('cells', 'cells that it selects'),
  untraced: flag('its bandwidths were measured without a tracer'),
};

const changeOf = (unit: 'calls' | 'share') =>
  z.array(
    z.strictObject({
      name: text('what has changed'),
      [`a_median_${unit}`]: quantity(unit, 'median over the runs of A'),
      [`b_median_${unit}`]: quantity(unit, 'median over the runs of B'),
      change: z.enum(['new', 'vanished', 'more', 'less']).describe('from A to B'),
      evidence: flag('false if it may be chance'),
    }),
  );

const gate = z
  .strictObject({
    state: z.enum(['passes', 'slower', 'undecided']).describe('of this cell'),
    because: z
      .enum(['too few', 'too wide', 'near the limit', 'sessions differ', 'few repeats'])
      .nullable()
      .describe('why it is undecided'),
    trials: z
      .number()
      .nullable()
      .meta({ description: 'runs on each side that would decide it', unit: 'runs' }),
    repeats: z
      .number()
      .nullable()
      .meta({ description: 'repeats of the sweep that would decide it', unit: 'sweeps' }),
  })
  .nullable()
  .describe('null without --fail-if-slower');

const doubts = texts('codes of what harms its runs (docs/tracing.md, docs/method.md)');

const pair = rowSchema(
  columns.filter(({ name }) => !/^([ab]_|(side|gate)$)/.test(name)),
  {
    side: text('the letter of the side that is compared with A; it is B below'),
    a: rowSchema(columnsOf('a_'), { doubts }).describe('the cell of A'),
    b: rowSchema(columnsOf('b_'), { doubts }).describe('the cell of B'),
    gate,
    syscalls: changeOf('calls').describe('system calls that differ'),
    pipe_states: changeOf('share').describe('states of the pipe that differ'),
  },
);

const repeat = z.strictObject({
  sweeps: z
    .array(
      z.strictObject({
        sweep: id('its id'),
        name: text('its name'),
        started_at: text('in UTC, ISO 8601'),
      }),
    )
    .describe('the repeats, oldest first'),
  left_out: z
    .array(z.strictObject({ sweep: id('its id'), name: text('its name'), why: text('why') }))
    .describe('sweeps under the same conditions that do not count'),
  machines: texts('what the machines call themselves'),
  deviation: quantity('share', 'how far sweeps differ: a standard deviation of the logarithm'),
  low: quantity('share', 'lower end of its 95 % interval'),
  high: quantity('share', 'upper end of its 95 % interval'),
  floor: quantity('share', 'what a comparison allows for'),
  sessions: count('sweeps', 'how many repeats there are'),
  cells: count('cells', 'cells from which it is computed'),
});

export const compareSchema = z
  .union([
    z.strictObject({
      document: z.literal('compare'),
      ...head,
      base: z.strictObject(side).describe('A'),
      sides: z
        .array(
          z.strictObject({
            ...side,
            only_a: z.array(cellSchema()).describe('cells of A without a counterpart'),
            only_b: z.array(cellSchema()).describe('cells of this side without a counterpart'),
          }),
        )
        .describe('the others, each compared with A'),
      equivalent: quantityOrNull('share', 'of --equivalent'),
      fail_if_slower: quantityOrNull('share', 'of --fail-if-slower'),
      repeat: repeat.nullable().describe('of --repeat'),
      warnings: z.array(codeAndMessage).describe('what to know before a difference is believed'),
      cells: z.array(pair).describe('a pair of cells each, with the columns of comparison.csv'),
      failed: flag('whether --fail-if-slower ends the command with exit code 1'),
    }),
    z.strictObject({
      document: z.literal('compare'),
      ...head,
      repeat: repeat.describe('without sides, only --repeat is answered'),
    }),
  ])
  .meta({ title: 'ipc-sweep compare --json' });

type Either = Described<typeof compareSchema>;
export type CompareDocument = Extract<Either, { readonly base: unknown }>;
export type RepeatDocument = Exclude<Either, CompareDocument>;
