import { CONTEXT_SWITCHES } from '../context-switches/instrument.ts';
import {
  type CountedRun,
  type CountTable,
  type Instrument,
  type ReportedRun,
  rowsIn,
  totalOf,
} from '../instrument.ts';

export const RUN_QUEUE = {
  name: 'run_queue',
  line: 'run_queue',
  stored: 'run_queue',
  description:
    'Instrument `run-queue`: how long threads that could run waited for the processor, in powers of two.',
  optional: true,
  role: 'who waited',
  keys: [
    {
      name: 'after',
      kind: 'word',
      words: ['wake-up', 'preemption', 'unseen'],
      description:
        'why it waited: it was woken or started, or it had to make room; `unseen`: the kernel counts such a wait, and nothing timed it',
    },
    {
      name: 'from_ns',
      kind: 'integer',
      unit: 'ns',
      minimum: 0,
      description:
        'lower edge of the bucket, which ends below twice that; 0 stands for everything below 256',
    },
  ],
  count: { unit: 'waits', description: 'that took so long' },
  summary: { kind: 'quantiles', firstBucket: 256 },
  chart: { title: 'How long threads waited for the processor' },
} as const satisfies CountTable;

export const runQueue = {
  name: 'run-queue',
  question: 'How long did a thread that could run wait for the processor?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  elsewhere: 'Nobody has tried it on macOS and illumos; strace sees no run queue.',
  cost: 'a look-up in every wake-up and switch on the machine, some ten map operations in those of the run',
  counts: [RUN_QUEUE],
  check(run: CountedRun) {
    const unseen = totalOf(rowsIn(run, RUN_QUEUE).filter(({ after }) => after === 'unseen'));
    if (unseen === 0) return [];
    const message = `the kernel counts ${unseen} waits for the processor that were not timed`;
    return [{ code: 'run-queue', message, suspect: true }];
  },
  /**
   * Each wait but a new thread's first begins with a switch away from the thread, and each thread's
   * last switch begins none. FreeBSD's probes do not show all switches.
   */
  checkReported(run: ReportedRun) {
    const waits = totalOf(rowsIn(run, RUN_QUEUE));
    const switches = totalOf(rowsIn(run, CONTEXT_SWITCHES));
    if (run.platform !== 'linux' || switches === 0 || waits < switches) return [];
    const message = `${waits} waits for the processor, and only ${switches} context switches`;
    return [{ code: 'run-queue', message, suspect: true }];
  },
  checked:
    'On Linux there are as many as the kernel itself counts for each thread, and fewer than context switches, where those were asked for.',
} as const satisfies Instrument;
