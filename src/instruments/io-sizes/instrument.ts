import type { CountTable, Instrument } from '../instrument.ts';

export const IO_SIZES = {
  name: 'io_sizes',
  line: 'io_size',
  stored: 'io_size',
  description: 'A row for each run, role, operation and size returned on the channel.',
  keys: [
    { name: 'operation', kind: 'operation' },
    {
      name: 'bytes',
      kind: 'integer',
      unit: 'bytes',
      description: 'what the call returned; 0 at the end of file, negative for an error',
    },
  ],
  count: { unit: 'calls', description: 'that returned it' },
  summary: { kind: 'shares' },
} as const satisfies CountTable;

/** It is always asked, because the checks of every run need it. */
export const ioSizes = {
  name: 'io-sizes',
  question: 'How many bytes did each read and write on the channel move?',
  isDefault: true,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
    'dtrace-macos': 'dtrace-macos.d',
    'dtrace-illumos': 'dtrace-illumos.d',
  },
  inStrace: true,
  elsewhere: '',
  cost: 'a look-up in every return from a system call, an update in those on the channel',
  counts: [IO_SIZES],
  // Everything is checked against these rows; trace/check.ts checks them against the cell.
  check: () => [],
  checked:
    'Bytes read = bytes written = total x iterations, in as many calls as there are messages.',
} as const satisfies Instrument;
