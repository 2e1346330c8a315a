import type { Doubt } from '../../doubt.ts';
import type { Counted, CountRow, Instrument } from '../instrument.ts';

export const pipeDwell: Instrument = {
  name: 'pipe-dwell',
  question: 'How long is the pipe in each state?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  elsewhere: 'No other system shows a tracer what is in a pipe.',
  cost: 'A look at the pipe and one or two updates at entry and return of every read and write on it, and a look-up in every context switch on the machine.',
  counts: [
    {
      name: 'pipe_dwell',
      line: 'pipe_dwell',
      stored: 'pipe_dwell',
      description:
        'How long the pipe was in each state: time between two looks at the pipe, by the state that the first look found. The pipe is looked at when a read or write enters, when it returns, and when its thread gives up the processor in between.',
      role: 'of the process that the run began with: a pipe belongs to both ends',
      keys: [
        {
          name: 'state',
          exported: 'pipe_state',
          kind: 'pipe-state',
          description: 'the state that the first look found',
        },
        {
          name: 'next_state',
          exported: 'next_pipe_state',
          kind: 'pipe-state',
          description: 'the state that the next look found; another one came at some time between',
        },
      ],
      count: { unit: 'ns', description: 'time between such looks, over all pipes of the run' },
    },
    {
      name: 'pipe_spans',
      line: 'pipe_span',
      stored: 'pipe_span',
      description:
        'How long each pipe of a run was in use: from the entry of its first write to the last look at it. Every iteration has a pipe of its own.',
      role: 'of the process that the run began with: a pipe belongs to both ends',
      keys: [
        {
          name: 'pipe',
          kind: 'integer',
          minimum: 1,
          description: 'which of the pipes, in the order of their first writes, from 1',
        },
      ],
      count: { unit: 'ns', description: 'time from the first look at the pipe to the last' },
    },
  ],
  check: checkDwell,
};

/**
 * The time in all states must be the time from the first to the last look, for each pipe, and every
 * iteration must have one pipe. It is more when two processors looked at the same time and both
 * charged the time since the last look.
 */
function checkDwell({ rows, ipc, iterations }: Counted): readonly Doubt[] {
  if (ipc !== 'pipe') return [];
  const dwellNs = sum(rows.pipe_dwell ?? []);
  const spans = rows.pipe_spans ?? [];
  const spanNs = sum(spans);
  const doubts: string[] = [];
  if (spans.length !== iterations) {
    doubts.push(`${spans.length} pipes were timed, in a run that has ${iterations}`);
  }
  if (dwellNs !== spanNs) {
    doubts.push(`the pipe was in its states for ${dwellNs} ns in all, but in use for ${spanNs} ns`);
  }
  return doubts.map((message) => ({ code: 'pipe-dwell', message, suspect: true }));
}

function sum(rows: readonly CountRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
