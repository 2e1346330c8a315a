import type { Doubt } from '../../doubt.ts';
import {
  type CountedRun,
  type CountTable,
  type Instrument,
  OPERATIONS,
  type Operation,
  rowsIn,
  totalOf,
} from '../instrument.ts';

export const PIPE_STATES = {
  name: 'pipe_states',
  line: 'pipe_state',
  stored: 'pipe_state',
  description:
    'A row for each run, role, operation and state. What the states mean stands in docs/tracing.md.',
  keys: [
    {
      name: 'operation',
      kind: 'pipe-operation',
      description:
        'which call found the pipe so; `write-peer`: the other end, where each has a state',
    },
    {
      name: 'state',
      exported: 'pipe_state',
      kind: 'pipe-state',
      description: "the platform's state word",
      inHexadecimal: 'the same in hexadecimal, such as `0x208`',
      byName:
        'its bits by name, highest first, such as `DIRECTOK|WANTW`; bits without a name stay hexadecimal',
    },
  ],
  count: { unit: 'calls', description: 'that found this state' },
  summary: { kind: 'shares' },
} as const satisfies CountTable;

export const PIPE_TRANSITIONS = {
  name: 'pipe_transitions',
  line: 'pipe_transition',
  stored: 'pipe_transition',
  description:
    'A row for each run, role, operation and pair of states that followed each other at one end.',
  keys: [
    { name: 'operation', kind: 'operation' },
    {
      name: 'from_state',
      kind: 'pipe-state',
      description: 'what a call found',
      byName: 'the first by name',
    },
    {
      name: 'to_state',
      kind: 'pipe-state',
      description: 'what the next one found',
      byName: 'the second by name',
    },
  ],
  count: {
    unit: 'pairs of calls',
    description: 'that found these states one after the other',
  },
} as const satisfies CountTable;

export const pipeStates = {
  name: 'pipe-states',
  question: 'In which state does each read and write find the pipe?',
  isDefault: true,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  eventPrograms: {
    bpftrace: 'events-bpftrace.bt',
    'dtrace-freebsd': 'events-dtrace-freebsd.d',
    'dtrace-linux': 'events-dtrace-linux.d',
  },
  walksToPipe: true,
  elsewhere:
    'The pipe of macOS and illumos is another one, and strace does not look into the kernel.',
  cost: 'reads of the pipe and two or three updates in every read and write on it',
  counts: [PIPE_STATES, PIPE_TRANSITIONS],
  check(run: CountedRun) {
    if (run.ipc !== 'pipe') return [];
    return OPERATIONS.flatMap((operation) => [
      ...statesDoubts(run, operation),
      ...transitionsDoubts(run, operation),
    ]);
  },
  checked:
    'There is one for each read and write that io-sizes counted, and one transition fewer for each pipe; no state is left or entered more often than it was seen.',
} as const satisfies Instrument;

function statesDoubts(run: CountedRun, operation: Operation): readonly Doubt[] {
  const seen = (wanted: string) =>
    totalOf(rowsIn(run, PIPE_STATES).filter((row) => row.operation === wanted));
  const calls = run.calls[operation].all;
  const states = seen(operation);
  const peers = seen('write-peer');
  const messages = [
    ...(states === calls ? [] : [`${states} pipe states for ${calls} ${operation} calls`]),
    ...(operation === 'write' && peers !== 0 && peers !== calls
      ? [`${peers} states of the other end for ${calls} write calls`]
      : []),
  ];
  return messages.map((message) => ({ code: 'pipe-states', message, suspect: true }));
}

function transitionsDoubts(run: CountedRun, operation: Operation): readonly Doubt[] {
  const states = rowsIn(run, PIPE_STATES).filter((row) => row.operation === operation);
  const moves = rowsIn(run, PIPE_TRANSITIONS).filter((row) => row.operation === operation);
  const messages: string[] = [];
  const { iterations } = run;
  // Every iteration has a new pipe, and a pipe's first state follows no other.
  if (totalOf(moves) !== Math.max(0, totalOf(states) - iterations)) {
    const pipes = iterations === 1 ? 'one pipe' : `${iterations} pipes`;
    messages.push(
      `${totalOf(moves)} transitions for ${totalOf(states)} ${operation} states of ${pipes}`,
    );
  }
  for (const [end, direction] of [
    ['from_state', 'from'],
    ['to_state', 'to'],
  ] as const) {
    for (const state of new Set(moves.map((row) => row[end]))) {
      const moved = totalOf(moves.filter((row) => row[end] === state));
      const seen = totalOf(states.filter((row) => row.state === state));
      if (moved > seen) {
        messages.push(
          `${moved} transitions ${direction} ${operation} state ${state}, seen ${seen} times`,
        );
      }
    }
  }
  return messages.map((message) => ({ code: 'pipe-transitions', message, suspect: true }));
}
