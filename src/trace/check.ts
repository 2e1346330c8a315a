import type { Doubt } from '../doubt.ts';
import { checkConduct } from './check-conduct.ts';
import type { Expectation, IoSizeCount, Operation, RunCounts } from './counts.ts';

/**
 * Checks that the counts add up: bytes read = bytes written = total x iterations; as many calls as
 * messages, unless a call was split; only the receiver reads and only the sender writes; a pipe
 * state and a latency for every call; for each pipe (every iteration has a new one) one transition
 * fewer than states, none from or to a state that was not seen; and that the benchmark did what the
 * cell says.
 * @returns a doubt for each check that fails; none means that the counts are conserved
 */
export function checkConservation(counts: RunCounts, expected: Expectation): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const doubt = (code: string, message: string) => doubts.push({ code, message, suspect: true });
  const bytesExpected = expected.cell.totalBytes * expected.iterations;
  const messages = bytesExpected / expected.cell.bufferBytes;

  for (const operation of ['read', 'write'] as const) {
    const rows = counts.ioSizes.filter((row) => row.operation === operation);
    const moved = rows.filter((row) => row.bytes > 0);
    const bytes = sum(moved.map((row) => row.bytes * row.count));
    const calls = sum(moved.map((row) => row.count));
    if (bytes !== bytesExpected) {
      doubt(
        `${operation}-bytes`,
        `${bytes} bytes ${operation === 'read' ? 'read' : 'written'}, expected ${bytesExpected}`,
      );
    } else if (calls !== messages && !isSplit(moved, expected.cell.bufferBytes)) {
      doubt(`${operation}-calls`, `${calls} ${operation} calls, expected ${messages}`);
    }
    const other = operation === 'read' ? 'sender' : 'receiver';
    if (moved.some((row) => row.role === other)) {
      doubt(`${operation}-role`, `the ${other} has ${operation} calls that moved bytes`);
    }
    if (expected.instruments.includes('pipe-states') && expected.cell.ipc === 'pipe') {
      checkStates(counts, operation, sum(rows.map((row) => row.count)), expected, doubt);
    }
    if (expected.instruments.includes('io-latency')) {
      const timed = sum(
        counts.ioLatencies.filter((row) => row.operation === operation).map((row) => row.count),
      );
      const made = sum(rows.map((row) => row.count));
      if (timed !== made) {
        doubt('io-latencies', `${timed} latencies for ${made} ${operation} calls`);
      }
    }
    if (expected.instruments.includes('syscalls')) {
      const made = sum(
        counts.syscalls.filter((row) => row.syscall === operation).map((row) => row.count),
      );
      if (made < calls) {
        doubt(
          'syscalls-missing',
          `${made} ${operation} system calls, ${calls} on the channel alone`,
        );
      }
    }
  }
  doubts.push(...checkConduct(counts, expected), ...lostEvents(counts, expected));
  return doubts;
}

function checkStates(
  counts: RunCounts,
  operation: Operation,
  calls: number,
  expected: Expectation,
  doubt: (code: string, message: string) => void,
): void {
  const states = sum(
    counts.pipeStates.filter((row) => row.operation === operation).map((row) => row.count),
  );
  if (states !== calls) {
    doubt('pipe-states', `${states} pipe states for ${calls} ${operation} calls`);
  }
  const peers = sum(
    counts.pipeStates.filter((row) => row.operation === 'write-peer').map((row) => row.count),
  );
  if (operation === 'write' && peers !== 0 && peers !== calls) {
    doubt('pipe-states', `${peers} states of the other end for ${calls} write calls`);
  }
  const moves = counts.pipeTransitions.filter((row) => row.operation === operation);
  const transitions = sum(moves.map((row) => row.count));
  const { iterations } = expected;
  if (transitions !== Math.max(0, states - iterations)) {
    const pipes = iterations === 1 ? 'one pipe' : `${iterations} pipes`;
    doubt(
      'pipe-transitions',
      `${transitions} transitions for ${states} ${operation} states of ${pipes}`,
    );
  }
  // No state can be left or entered more often than it was seen.
  for (const side of ['fromState', 'toState'] as const) {
    for (const state of new Set(moves.map((row) => row[side]))) {
      const moved = sum(moves.filter((row) => row[side] === state).map((row) => row.count));
      const seen = sum(
        counts.pipeStates
          .filter((row) => row.operation === operation && row.state === state)
          .map((row) => row.count),
      );
      if (moved > seen) {
        const direction = side === 'fromState' ? 'from' : 'to';
        doubt(
          'pipe-transitions',
          `${moved} transitions ${direction} ${operation} state ${state}, seen ${seen} times`,
        );
      }
    }
  }
}

/** Events are only for viewing: lost ones are counted, and the counts do not depend on them. */
function lostEvents(counts: RunCounts, expected: Expectation): readonly Doubt[] {
  const operations = sum(
    counts.pipeStates
      .filter(({ operation }) => operation !== 'write-peer')
      .map(({ count }) => count),
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
function isSplit(moved: readonly IoSizeCount[], bufferBytes: number): boolean {
  return moved.some((row) => row.bytes < bufferBytes);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
