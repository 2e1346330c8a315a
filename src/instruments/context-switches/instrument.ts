import {
  type CountTable,
  type Instrument,
  type ReportedRun,
  rowsIn,
  totalOf,
} from '../instrument.ts';

/**
 * On FreeBSD a thread yields in the middle of a long copy. getrusage(2) counts this as voluntary,
 * and no probe sees it. It happens at most once in about 0.19 s, with two threads at work at a
 * time.
 */
const YIELDS_PER_S = 2 / 0.15;

export const CONTEXT_SWITCHES = {
  name: 'context_switches',
  line: 'context_switch',
  stored: 'context_switch',
  description: 'Instrument `context-switches`: a row for each run, role and kind of switch.',
  optional: true,
  role: 'who was switched away from',
  keys: [
    {
      name: 'kind',
      kind: 'word',
      words: ['voluntary', 'involuntary'],
      description: 'it waited, or had to make room',
    },
  ],
  count: { unit: 'switches', description: 'how many there were' },
  summary: { kind: 'per-run' },
  chart: { title: 'Context switches of a run' },
} as const satisfies CountTable;

export const contextSwitches = {
  name: 'context-switches',
  question: 'How often did each process of a run give up or lose the processor?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  printsWhenAsked: true,
  elsewhere: 'Nobody has tried it on macOS and illumos; strace sees no switches.',
  cost: 'a look-up in every switch on the machine, an update in those of the run',
  counts: [CONTEXT_SWITCHES],
  check: () => [],
  /**
   * The tracer counts from the exec to the last switch of every thread, and `-g` from before a
   * sample to after it, so a run cannot have fewer switches than its samples.
   */
  checkReported(run: ReportedRun) {
    const { samples, wallNs, platform } = run;
    const reported = samples.map(
      ({ voluntarySwitches, involuntarySwitches }) =>
        (voluntarySwitches ?? 0) + (involuntarySwitches ?? 0),
    );
    const said = reported.reduce((sum, switches) => sum + switches, 0);
    const traced = totalOf(rowsIn(run, CONTEXT_SWITCHES));
    const unseen = platform === 'freebsd' ? Math.ceil((wallNs / 1e9) * YIELDS_PER_S) + 2 : 0;
    if (traced + unseen >= said) return [];
    const message = `${traced} context switches, but the benchmark's own count of its samples is ${said}`;
    return [{ code: 'context-switches', message, suspect: true }];
  },
  checked: 'There are at least as many as the benchmark itself reports (`-g`).',
} as const satisfies Instrument;
