import { contextSwitches } from './context-switches/instrument.ts';
import type { CountRow, CountTable, Instrument, RowOf, TracerOnPlatform } from './instrument.ts';
import { ioLatency } from './io-latency/instrument.ts';
import { ioSizes } from './io-sizes/instrument.ts';
import { pageFaults } from './page-faults/instrument.ts';
import { pipeDwell } from './pipe-dwell/instrument.ts';
import { pipeStates } from './pipe-states/instrument.ts';
import { profile } from './profile/instrument.ts';
import { runQueue } from './run-queue/instrument.ts';
import { syscalls } from './syscalls/instrument.ts';

/**
 * Every instrument, in the order in which their programs stand in a session's. io-sizes comes last:
 * its programs forget whether a call was one on the channel.
 */
export const INSTRUMENTS = [
  syscalls,
  pipeStates,
  pipeDwell,
  contextSwitches,
  ioLatency,
  pageFaults,
  runQueue,
  profile,
  ioSizes,
] as const satisfies readonly Instrument[];

export type InstrumentName = (typeof INSTRUMENTS)[number]['name'];
type Counted = (typeof INSTRUMENTS)[number]['counts'][number];

export const INSTRUMENT_NAMES: readonly InstrumentName[] = INSTRUMENTS.map(({ name }) => name);

/** Everything that is counted, by all instruments. */
export const COUNT_TABLES: readonly CountTable[] = INSTRUMENTS.flatMap(
  ({ counts }): readonly CountTable[] => counts,
);

/** The rows of a run, by the names of the tables. */
export type CountRows = { readonly [Table in Counted as Table['name']]: readonly RowOf<Table>[] };

/** No rows at all. */
export const NO_ROWS = Object.fromEntries(
  COUNT_TABLES.map(({ name }) => [name, []]),
) as unknown as CountRows;

/** The rows of a run as the parts read them that know no table by its name. */
export function byTable(counts: CountRows): Readonly<Record<string, readonly CountRow[]>> {
  return counts as unknown as Readonly<Record<string, readonly CountRow[]>>;
}

/** The instruments among all that are asked for: io-sizes always is. */
export function askedAmong(names: readonly string[]): readonly Instrument[] {
  return INSTRUMENTS.filter(({ name }) => name === 'io-sizes' || names.includes(name));
}

/** The instruments that have a program in a place. */
export function instrumentsAt(place: TracerOnPlatform | 'strace'): readonly InstrumentName[] {
  const all: readonly (Instrument & { readonly name: InstrumentName })[] = INSTRUMENTS;
  return all
    .filter((one) => (place === 'strace' ? one.inStrace : one.programs[place] !== undefined))
    .map(({ name }) => name);
}

/**
 * The programs of the instruments that are asked for.
 * @returns paths below the folder of the instruments
 */
export function programsAt(
  place: TracerOnPlatform,
  { instruments, events }: { readonly instruments: readonly string[]; readonly events: boolean },
): readonly string[] {
  return askedAmong(instruments).flatMap(({ name, programs, eventPrograms }) => {
    const own = programs[place];
    const ofEvents = events ? eventPrograms?.[place] : undefined;
    return [own, ofEvents].flatMap((file) => (file === undefined ? [] : [`${name}/${file}`]));
  });
}

/** Whether a place has programs that print every operation on the pipe. */
export function hasEventsAt(place: TracerOnPlatform): boolean {
  const all: readonly Instrument[] = INSTRUMENTS;
  return all.some(({ eventPrograms }) => eventPrograms?.[place] !== undefined);
}
