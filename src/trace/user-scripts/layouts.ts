import type { Aggregation, Printing, Script } from './d-script.ts';
import type { KeyKind } from './key-kinds.ts';
import { segmentsOf } from './printf-format.ts';
import type { Segment } from './segments.ts';

/** A layout in which a script's rows are printed, and the aggregations of their values. */
export interface Layout {
  readonly segments: readonly Segment[];
  /** The aggregation of each value of a row, in order. */
  readonly values: readonly Aggregation[];
  readonly own: boolean;
}

const PICTURES: ReadonlySet<string> = new Set(['quantize', 'lquantize', 'llquantize']);
const MOST_KEYS = 6;
const VALUE: readonly Segment[] = [{ kind: 'literal', text: ' ' }];
const NEWLINE: Segment = { kind: 'literal', text: '\n' };

/** The script's own printa() formats, as far as their output can be read back. */
export function ownLayouts(script: Script): readonly Layout[] {
  const layouts: Layout[] = [];
  for (const { format, names } of script.printings) {
    const segments = format === undefined ? undefined : segmentsOf(format);
    if (segments === undefined) continue;
    const values = names.map((name) => aggregationOf(script, name));
    layouts.push({ segments, values, own: true });
  }
  return layouts;
}

/**
 * Returns what may be printed in dtrace's own layout: every aggregation except those that an END
 * clause prints with a format of its own. One that only another clause prints with a format may
 * still be in the final output, if that clause never fired.
 */
export function defaultLayouts(script: Script): readonly Layout[] {
  const layouts = script.aggregations
    .filter(({ name }) => isPrintedPlainly(script, name) || !isPrintedAtEnd(script, name))
    .map((aggregation) => layoutOf([aggregation]));
  for (const { format, names } of script.printings) {
    if (format !== undefined || names.length < 2) continue;
    layouts.push(layoutOf(names.map((name) => aggregationOf(script, name))));
  }
  return layouts;
}

/** Returns the layouts for output whose script is not known. */
export function anyLayouts(): readonly Layout[] {
  return Array.from({ length: MOST_KEYS + 1 }, (_, count) => {
    const keys = Array.from({ length: count }, (): KeyKind => 'any');
    return ['', 'quantize'].map((kind) => {
      const aggregation = { name: '', function: kind, keys, parameters: [] };
      return { ...layoutOf([aggregation]), values: [{ ...aggregation, function: '' }] };
    });
  }).flat();
}

/** Tells whether the script itself prints an aggregation in the default layout, among others. */
export function isPrintedPlainly(script: Script, name: string): boolean {
  return script.printings.some(
    (printing) => printing.format === undefined && prints(printing, name),
  );
}

function isPrintedAtEnd(script: Script, name: string): boolean {
  return script.printings.some(
    (printing) => printing.format !== undefined && printing.atEnd && prints(printing, name),
  );
}

const prints = ({ names }: Printing, name: string) => names.includes(name);

function aggregationOf(script: Script, name: string): Aggregation {
  const known = script.aggregations.find((aggregation) => aggregation.name === name);
  return known ?? { name, function: '', keys: [], parameters: [] };
}

function layoutOf(values: readonly Aggregation[]): Layout {
  const keys = values[0]?.keys ?? [];
  const columns = values.flatMap((aggregation, value): readonly Segment[] =>
    PICTURES.has(aggregation.function)
      ? [{ kind: 'distribution', value }]
      : [...VALUE, { kind: 'integer', base: 10, width: 16, padded: 'left', value }],
  );
  return { segments: [...keys.map(columnOf), ...columns, NEWLINE], values, own: false };
}

function columnOf(kind: KeyKind): Segment {
  if (kind === 'stack') return { kind: 'stack' };
  if (kind === 'integer') return { kind: 'integer-column' };
  return { kind: 'text', width: 50, padded: 'right', column: kind };
}
