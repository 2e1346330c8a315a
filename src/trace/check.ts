import type { Doubt } from '../doubt.ts';
import { CHANNELS } from '../experiment/axes.ts';
import { OPERATIONS, type RowOf, totalOf } from '../instruments/instrument.ts';
import { askedAmong, byTable } from '../instruments/instruments.ts';
import type { IO_SIZES } from '../instruments/io-sizes/instrument.ts';
import { checkConduct } from './check-conduct.ts';
import type { ExpectedWork, RunCounts } from './counts.ts';

type IoSize = RowOf<typeof IO_SIZES>;

/**
 * Checks that the counts add up: bytes read = bytes written = total x iterations, or nothing where
 * no system call moves bytes; as many calls as messages, unless a call was split; only the receiver reads and only the sender writes; each
 * instrument's own rows against these; and that the benchmark did what the cell says.
 * @returns a doubt for each check that fails; none means that the counts are conserved
 */
export function checkConservation(counts: RunCounts, expected: ExpectedWork): readonly Doubt[] {
  const { cell, iterations, instruments } = expected;
  const run = {
    counts: byTable(counts),
    ipc: cell.ipc,
    iterations,
    calls: { read: callsOf(counts, 'read'), write: callsOf(counts, 'write') },
  };
  return [
    ...OPERATIONS.flatMap((operation) => bytesDoubts(counts, operation, expected)),
    ...askedAmong(instruments).flatMap((instrument) => instrument.check(run)),
    ...checkConduct(counts, expected),
    ...lostEvents(counts, expected),
  ];
}

function callsOf({ io_sizes: sizes }: RunCounts, operation: string) {
  const rows = sizes.filter((row) => row.operation === operation);
  return { all: totalOf(rows), moved: totalOf(rows.filter(({ bytes }) => bytes > 0)) };
}

function bytesDoubts(
  { io_sizes: sizes }: RunCounts,
  operation: 'read' | 'write',
  { cell, iterations }: ExpectedWork,
): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const doubt = (code: string, message: string) => doubts.push({ code, message, suspect: true });
  const hasCalls = CHANNELS[cell.ipc].seenOn.length > 0;
  const bytesExpected = hasCalls ? cell.totalBytes * iterations : 0;
  const messages = bytesExpected / cell.bufferBytes;
  const moved = sizes.filter((row) => row.operation === operation && row.bytes > 0);
  const bytes = moved.reduce((sum, row) => sum + row.bytes * row.count, 0);
  const calls = totalOf(moved);
  if (bytes !== bytesExpected) {
    const done = operation === 'read' ? 'read' : 'written';
    doubt(`${operation}-bytes`, `${bytes} bytes ${done}, expected ${bytesExpected}`);
  } else if (calls !== messages && !isSplit(moved, cell.bufferBytes)) {
    doubt(`${operation}-calls`, `${calls} ${operation} calls, expected ${messages}`);
  }
  const other = operation === 'read' ? 'sender' : 'receiver';
  if (moved.some((row) => row.role === other)) {
    doubt(`${operation}-role`, `the ${other} has ${operation} calls that moved bytes`);
  }
  return doubts;
}

/** Events are only for viewing: lost ones are counted, and the counts do not depend on them. */
function lostEvents(counts: RunCounts, expected: ExpectedWork): readonly Doubt[] {
  const operations = totalOf(
    counts.pipe_states.filter(({ operation }) => operation !== 'write-peer'),
  );
  const lost = operations - counts.events.length;
  if (!expected.events || lost === 0) return [];
  if (lost < 0) {
    const message = `${counts.events.length} pipe events for ${operations} calls on the pipe`;
    return [{ code: 'events-surplus', message, suspect: true }];
  }
  const message = `${lost} of ${operations} pipe events are not there`;
  return [{ code: 'events-lost', message, suspect: false }];
}

/** Tells whether a call moved less than the buffer: the pipe gave or took what it could. */
function isSplit(moved: readonly IoSize[], bufferBytes: number): boolean {
  return moved.some((row) => row.bytes < bufferBytes);
}
