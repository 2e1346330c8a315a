import type { CountTable, Key } from '../../instruments/instrument.ts';
import { IO_SIZES } from '../../instruments/io-sizes/instrument.ts';
import type { ChannelKind } from '../counts.ts';
import type { TraceEvent } from './events.ts';

/** How a tracer prints a count. */
export interface CountReading<Printed> {
  /** Returns the value of a key, or undefined if what was printed is none. */
  readonly value: (key: Key, printed: Printed) => string | number | undefined;
  /** Returns a whole number, or undefined. */
  readonly number: (printed: Printed) => number | undefined;
  /** The kinds of channel by the numbers that the programs print. */
  readonly channels: Readonly<Record<number, ChannelKind>>;
}

/**
 * Reads the keys of a count: those of its table, and for io_sizes the kind of channel and whether
 * the calls moved less than they were asked for.
 * @returns undefined if that is not what was printed
 */
export function countEvent<Printed>(
  table: CountTable,
  process: { readonly pid: number; readonly image?: number },
  printed: readonly Printed[],
  count: number,
  reading: CountReading<Printed>,
): TraceEvent | undefined {
  if (printed.length < table.keys.length) return undefined;
  const keys = table.keys.flatMap((key, at) => reading.value(key, printed[at]!) ?? []);
  if (keys.length < table.keys.length) return undefined;
  const event = { kind: 'count', ...process, table: table.name, keys, count } as const;
  const more = printed.slice(keys.length);
  if (more.length === 0) return event;
  if (table.name !== IO_SIZES.name || more.length !== 2) return undefined;
  const [kind, cut] = more.map(reading.number);
  const channel = reading.channels[kind ?? -1];
  return channel && (cut === 0 || cut === 1) ? { ...event, channel, cut: cut === 1 } : undefined;
}
