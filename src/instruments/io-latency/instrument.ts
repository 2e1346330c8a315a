import {
  type CountedRun,
  type CountTable,
  type Instrument,
  OPERATIONS,
  rowsIn,
  totalOf,
} from '../instrument.ts';

export const IO_LATENCIES = {
  name: 'io_latencies',
  line: 'io_latency',
  stored: 'io_latency',
  description:
    'Instrument `io-latency`: how long reads and writes on the channel took, in powers of two.',
  optional: true,
  keys: [
    { name: 'operation', kind: 'operation' },
    {
      name: 'from_ns',
      kind: 'integer',
      unit: 'ns',
      minimum: 0,
      description:
        'lower edge of the bucket, which ends below twice that; 0 stands for everything below 256',
    },
  ],
  count: { unit: 'calls', description: 'that took so long' },
  summary: { kind: 'quantiles', firstBucket: 256 },
  chart: { title: 'How long reads and writes on the channel took' },
} as const satisfies CountTable;

export const ioLatency = {
  name: 'io-latency',
  question: 'How long did each read and write on the channel take?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  elsewhere: 'Nobody has tried it on macOS and illumos; strace would time itself.',
  cost: 'two time stamps and an update in every read and write on the channel',
  counts: [IO_LATENCIES],
  check(run: CountedRun) {
    return OPERATIONS.flatMap((operation) => {
      const own = rowsIn(run, IO_LATENCIES).filter((row) => row.operation === operation);
      const timed = totalOf(own);
      const made = run.calls[operation].all;
      if (timed === made) return [];
      const message = `${timed} latencies for ${made} ${operation} calls`;
      return [{ code: 'io-latencies', message, suspect: true }];
    });
  },
  checked: 'There is one for each read and write that io-sizes counted.',
} as const satisfies Instrument;
