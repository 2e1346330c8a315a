import type { Doubt } from '../doubt.ts';
import { CHANNELS } from '../experiment/axes.ts';
import type { Cell } from '../experiment/cell.ts';
import { greatest } from '../extremes.ts';
import { type Operation, totalOf } from '../instruments/instrument.ts';
import type { ChannelKind, Conduct, ExpectedWork, RunCounts } from './counts.ts';

/** The FULL bit of the Linux states. */
const PIPE_FULL = 0x2;

/**
 * Checks that the benchmark did what the cell says: that it used its buffer, its channel and its
 * processes, and moved bytes by read and write alone.
 */
export function checkConduct(counts: RunCounts, expected: ExpectedWork): readonly Doubt[] {
  const { cell, iterations, instruments } = expected;
  const { conduct } = counts;
  const messages: (readonly [string, string | undefined])[] = [
    ['read-size', sizeDoubt('read', counts, cell)],
    ['write-size', sizeDoubt('write', counts, cell)],
    ['channel', conduct && channelDoubt(conduct, cell)],
    ['channel', statesDoubt(counts, cell)],
    ['channel', instruments.includes('syscalls') ? connectionDoubt(counts, cell) : undefined],
    ['processes', conduct && processesDoubt(conduct.children, cell, iterations)],
    ['other-calls', otherCallsDoubt(counts)],
  ];
  return messages.flatMap(([code, message]) =>
    message === undefined ? [] : [{ code, message, suspect: true }],
  );
}

/**
 * A call must ask for the whole buffer, or for the rest of one that an earlier call could not
 * finish because there were no more bytes, or no room.
 */
function sizeDoubt(
  operation: Operation,
  { io_sizes: ioSizes, pipe_states: pipeStates, conduct }: RunCounts,
  { ipc, bufferBytes }: Cell,
): string | undefined {
  const rows = ioSizes.filter((row) => row.operation === operation && row.bytes > 0);
  const most = greatest(
    rows.map(({ bytes }) => bytes),
    0,
  );
  const smaller = totalOf(rows.filter(({ bytes }) => bytes < bufferBytes));
  const calls = conduct?.calls.filter((row) => row.operation === operation) ?? [];
  const asked = conduct?.asked.filter((row) => row.operation === operation) ?? [];
  const askedMost = greatest(
    asked.map(({ bytes }) => bytes),
    most,
  );
  const the = `the buffer has ${bufferBytes}`;
  if (askedMost > bufferBytes) return `a ${operation} asked for ${askedMost} bytes, ${the}`;
  const waits = operation === 'write' && ipc === 'pipe';
  if (calls.length === 0) {
    // What was asked for is unknown, but a write to a pipe waits for room and then writes
    // everything.
    return waits && smaller > 0 ? `${smaller} write calls moved less than the buffer` : undefined;
  }
  if (askedMost < bufferBytes) {
    return `no ${operation} asked for more than ${askedMost} bytes, ${the}`;
  }
  const cut = totalOf(calls.filter((row) => row.cut));
  const rests = totalOf(calls.filter((row) => !row.cut && row.bytes < bufferBytes));
  if (rests > cut) {
    return `${rests} ${operation} calls asked for less than the buffer's ${bufferBytes} bytes, where ${cut} had left a rest`;
  }
  if (waits && cut > 0 && !pipeStates.some(({ state }) => (state & PIPE_FULL) !== 0)) {
    return `${cut} write calls moved less than they were asked for, and the pipe was never full`;
  }
  return undefined;
}

function channelDoubt({ calls }: Conduct, { ipc }: Cell): string | undefined {
  const own: readonly ChannelKind[] = CHANNELS[ipc].seenOn;
  const others = calls.filter(({ channel }) => !own.includes(channel));
  if (others.length === 0) return undefined;
  const kinds = [...new Set(others.map(({ channel }) => KIND_NAMES[channel]))].join(' and ');
  return `${totalOf(others)} calls moved bytes on ${kinds}, in a cell of ${ipc}`;
}

const KIND_NAMES: Readonly<Record<ChannelKind, string>> = {
  pipe: 'a pipe',
  local: 'a local socket',
  tcp: 'a TCP socket',
  socket: 'a socket',
};

function statesDoubt({ pipe_states: pipeStates }: RunCounts, { ipc }: Cell): string | undefined {
  const states = totalOf(pipeStates);
  return ipc === 'pipe' || states === 0
    ? undefined
    : `${states} states of a pipe were counted, in a cell of ${ipc}`;
}

/** Checks the connection where a tracer cannot tell a TCP socket from a local one. */
function connectionDoubt({ syscalls }: RunCounts, { ipc }: Cell): string | undefined {
  if (ipc !== 'tcp' || syscalls.length === 0) return undefined;
  return syscalls.some(({ syscall }) => syscall === 'connect')
    ? undefined
    : 'no connection was made, in a cell of tcp';
}

function processesDoubt(children: number, { mode }: Cell, iterations: number): string | undefined {
  const wanted = mode === '2thread' ? 0 : iterations;
  if (children === wanted) return undefined;
  return `${children} child processes, in ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'} of ${mode}: expected ${wanted}`;
}

/** Calls for which no benchmark of a channel has a use; what they work on is not always known. */
const HIDDEN = new Set([
  ...['io_uring_enter', 'io_submit', 'sendmmsg', 'recvmmsg', 'vmsplice', 'splice', 'tee'],
  ...['aio_read', 'aio_write', 'aio_readv', 'aio_writev', 'lio_listio'],
]);

function otherCallsDoubt({ syscalls, conduct }: RunCounts): string | undefined {
  const seen = conduct?.otherCalls ?? [];
  const hidden = syscalls.filter(
    ({ syscall }) => HIDDEN.has(syscall) && !seen.some((row) => row.syscall === syscall),
  );
  const otherCalls = [...seen, ...hidden];
  if (otherCalls.length === 0) return undefined;
  const names = [...new Set(otherCalls.map(({ syscall }) => syscall))].sort();
  return `${totalOf(otherCalls)} calls moved bytes on the channel besides read and write: ${names.join(', ')}`;
}
