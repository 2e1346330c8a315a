import {
  type CountedRun,
  type CountTable,
  type Instrument,
  OPERATIONS,
  rowsIn,
  totalOf,
} from '../instrument.ts';

export const SYSCALLS = {
  name: 'syscalls',
  line: 'syscall',
  stored: 'syscall_count',
  description: 'A row for each run, role and system call.',
  keys: [
    {
      name: 'syscall',
      kind: 'syscall',
      description: 'its name, or its number where the name is not known',
    },
  ],
  count: { unit: 'calls', description: 'how many were made' },
  summary: { kind: 'per-run' },
} as const satisfies CountTable;

export const syscalls = {
  name: 'syscalls',
  question: 'How often did each process of a run make which system call?',
  isDefault: true,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
    'dtrace-macos': 'dtrace-macos-illumos.d',
    'dtrace-illumos': 'dtrace-macos-illumos.d',
  },
  inStrace: true,
  elsewhere: '',
  cost: 'an update in every system call of the run',
  counts: [SYSCALLS],
  check(run: CountedRun) {
    return OPERATIONS.flatMap((operation) => {
      const made = totalOf(rowsIn(run, SYSCALLS).filter(({ syscall }) => syscall === operation));
      const { moved } = run.calls[operation];
      if (made >= moved) return [];
      const message = `${made} ${operation} system calls, ${moved} on the channel alone`;
      return [{ code: 'syscalls-missing', message, suspect: true }];
    });
  },
  checked: 'There are at least as many reads and writes as io-sizes counted on the channel.',
} as const satisfies Instrument;
