import {
  type CountedRun,
  type CountTable,
  type Instrument,
  rowsIn,
  totalOf,
} from '../instrument.ts';
import { IO_SIZES } from '../io-sizes/instrument.ts';

export const PAGE_FAULTS = {
  name: 'page_faults',
  line: 'page_fault',
  stored: 'page_fault',
  description:
    'Instrument `page-faults`: a row for each run, role and kind of page fault, from the exec of the benchmark to the end of each thread.',
  optional: true,
  role: 'who took them',
  keys: [
    {
      name: 'kind',
      kind: 'word',
      words: ['minor', 'major'],
      description: 'the page had only to be mapped, made or copied, or it had to be read first',
    },
  ],
  count: { unit: 'faults', description: 'how many there were' },
  summary: { kind: 'per-run' },
  chart: { title: 'Page faults of a run' },
} as const satisfies CountTable;

export const pageFaults = {
  name: 'page-faults',
  question: 'How many page faults did each process of a run take?',
  isDefault: false,
  programs: {
    bpftrace: 'bpftrace.bt',
    'dtrace-freebsd': 'dtrace-freebsd.d',
    'dtrace-linux': 'dtrace-linux.d',
  },
  elsewhere: 'Nobody has tried it on macOS and illumos; strace sees no faults.',
  cost: 'nothing: the kernel counts them in any case, and its counts are read when a thread ends',
  counts: [PAGE_FAULTS],
  /** The first thing that a process does after its exec or its fork is to touch its memory. */
  check(run: CountedRun) {
    const roles = new Set(rowsIn(run, IO_SIZES).map(({ role }) => role));
    return [...roles].flatMap((role) => {
      const faults = totalOf(rowsIn(run, PAGE_FAULTS).filter((row) => row.role === role));
      const processes = role === 'sender' ? run.iterations : 1;
      if (faults >= processes) return [];
      const of = processes === 1 ? 'one process' : `${processes} processes`;
      const message = `${faults} page faults of ${of} (${role}), and none can run without one`;
      return [{ code: 'page-faults', message, suspect: true }];
    });
  },
  checked: 'Every process that read or wrote on the channel took at least one.',
} as const satisfies Instrument;
