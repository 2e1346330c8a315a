import {
  type CountedRun,
  type CountTable,
  type Instrument,
  type ReportedRun,
  rowsIn,
  totalOf,
} from '../instrument.ts';
import { NO_STACK } from './stack-text.ts';

/** How many times a second each processor takes a sample; the programs name it, too. */
export const SAMPLES_PER_S = 997;

/** A timer that was late makes up for what it has missed. */
const LATE_SHARE = 0.1;
const LATE_SAMPLES = 2;

export const PROFILE = {
  name: 'profile',
  line: 'profile',
  stored: 'profile_stack',
  description: 'Instrument `profile`: a row for each run, role and stack.',
  optional: true,
  role: 'whom the processor worked for',
  keys: [
    {
      name: 'stack',
      kind: 'stack',
      description: 'functions from the outermost to the running one, separated by `;`',
    },
  ],
  count: { unit: 'stack samples', description: 'that found this stack' },
  summary: { kind: 'shares' },
} as const satisfies CountTable;

export const profile = {
  name: 'profile',
  question: 'What did the processors do for each process?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  // A key with its stack has more than 512 bytes.
  dtraceOptions: { aggsize: '4m' },
  elsewhere: 'Nobody has tried it on macOS and illumos; strace sees no stacks.',
  cost: 'an interrupt on each processor every millisecond, and a walk over the stack in those that find the run',
  counts: [PROFILE],
  check(run: CountedRun) {
    if (!rowsIn(run, PROFILE).some(({ stack }) => stack === NO_STACK)) return [];
    const message = `the tracer could not store the stacks of some samples: profile.csv counts them as ${NO_STACK}`;
    return [{ code: 'profile-stacks', message, suspect: false }];
  },
  checkReported(run: ReportedRun) {
    const { wallNs, processors } = run;
    const samples = totalOf(rowsIn(run, PROFILE));
    const each = (wallNs / 1e9) * SAMPLES_PER_S * (1 + LATE_SHARE) + LATE_SAMPLES;
    if (samples <= processors * each) return [];
    const of = processors === 1 ? 'one processor' : `${processors} processors`;
    const message = `${samples} stack samples of a run of ${Math.round(wallNs / 1e6)} ms on ${of}, which take ${SAMPLES_PER_S} a second each`;
    return [{ code: 'profile-samples', message, suspect: true }];
  },
  checked: 'There are no more than the processors can take while the run lasts.',
} as const satisfies Instrument;
