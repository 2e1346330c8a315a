import type { Doubt } from '../../doubt.ts';
import {
  type CountedRun,
  type CountTable,
  type Instrument,
  rowsIn,
  totalOf,
} from '../instrument.ts';

const ROLE = 'that of the process with which the run began: a pipe belongs to both ends';

export const PIPE_DWELL = {
  name: 'pipe_dwell',
  line: 'pipe_dwell',
  stored: 'pipe_dwell',
  description:
    'Instrument `pipe-dwell`: how long the pipe was in each state. It is looked at when a read or write enters, when it returns, and when its thread loses or gets the processor in between. The time between two looks belongs to the state that the first one found.',
  optional: true,
  role: ROLE,
  keys: [
    {
      name: 'state',
      exported: 'pipe_state',
      kind: 'pipe-state',
      description: 'what the first of two looks found',
      inHexadecimal: 'the same in hexadecimal, such as `0x208`',
      byName:
        'its bits by name, highest first, such as `READER_WAITING|EMPTY`; bits without a name stay hexadecimal',
    },
    {
      name: 'next_state',
      exported: 'next_pipe_state',
      kind: 'pipe-state',
      description: 'what the second look found',
      byName: 'the second by name',
    },
  ],
  count: { unit: 'ns', description: 'between such looks, in all' },
  summary: { kind: 'shares', leftOut: 'next_state' },
} as const satisfies CountTable;

export const PIPE_SPANS = {
  name: 'pipe_spans',
  line: 'pipe_span',
  stored: 'pipe_span',
  description:
    'Instrument `pipe-dwell`: how long each pipe of a run was in use; every iteration has a pipe of its own. The times of `pipe_dwell.csv` add up to these.',
  optional: true,
  role: ROLE,
  keys: [
    {
      name: 'pipe',
      kind: 'integer',
      minimum: 1,
      description: 'which pipe, in the order of their first writes',
    },
  ],
  count: { unit: 'ns', description: 'from the entry of the first write to the last look' },
} as const satisfies CountTable;

export const pipeDwell = {
  name: 'pipe-dwell',
  question: 'How long is the pipe in each state?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  walksToPipe: true,
  elsewhere:
    'The pipe of macOS and illumos is another one, and strace does not look into the kernel.',
  cost: 'reads of the pipe and one or two updates at entry and return of every read and write on it, and one or two look-ups in every context switch on the machine',
  counts: [PIPE_DWELL, PIPE_SPANS],
  check(run: CountedRun): readonly Doubt[] {
    if (run.ipc !== 'pipe') return [];
    const dwellNs = totalOf(rowsIn(run, PIPE_DWELL));
    const spans = rowsIn(run, PIPE_SPANS);
    const spanNs = totalOf(spans);
    const { iterations } = run;
    const messages = [
      ...(spans.length === iterations
        ? []
        : [`${countOf(spans.length, 'pipe')} in use, in ${countOf(iterations, 'iteration')}`]),
      // Two processors that look at the same time both charge the time since the last look.
      ...(dwellNs === spanNs
        ? []
        : [`${dwellNs} ns in all states of the pipe, which was in use for ${spanNs} ns`]),
    ];
    return messages.map((message) => ({ code: 'pipe-dwell', message, suspect: true }));
  },
  checked:
    'The times in all states add up to the time from the first write to the last look, to the nanosecond, and every iteration has one pipe.',
} as const satisfies Instrument;

function countOf(number: number, what: string): string {
  return `${number} ${number === 1 ? what : `${what}s`}`;
}
