import type { DoubtRows, RunDoubtRow } from '../store/doubt-rows.ts';

/** A reason to believe a sweep's numbers less, summed up over its runs. */
export interface SweepDoubt {
  /** `missing`, `iterations-as-runs`, or a code of docs/tracing.md or docs/environment.md. */
  readonly code: string;
  readonly about: 'sweep' | 'runs' | 'machine';
  /** Runs that it concerns; undefined for what concerns all of them. */
  readonly runs: number | undefined;
  /** Runs that there are. */
  readonly of: number;
  /** What it is, in words. */
  readonly text: string;
  /** Worth knowing, and no reason to believe the numbers less than others of their kind. */
  readonly note: boolean;
}

/** What codes mean for a whole sweep; the others are told by their messages. */
const WORDS: Readonly<Record<string, string>> = {
  'foreign-benchmark': 'another benchmark ran at the same time',
  'quota-throttled': 'a CPU quota stopped processes',
  steal: 'the hypervisor took time from processor 0',
  throttled: 'heat slowed processor 0 down',
};

/** What n counts in a sweep that was imported with `--iterations-as-runs`. */
export const ITERATIONS = 'iterations of one process';

/** In order of harm. What a suspect run is suspect for comes first; a code that is not here, before notes. */
const HARM = [
  ...['foreign-benchmark', 'host-not-locked', 'quota-throttled', 'steal', 'throttled'],
  ...['processor-0-not-allowed', 'cpu-quota', 'debug-kernel', 'other-load', 'tuning-lost'],
  ...['vm-steal', 'on-battery', 'benchmark-stderr', 'rusage-missing'],
] as const;
/** Worth knowing, and of every machine of a kind or of what is kept of texts alone. */
const NOTES = [
  ...['events-lost', 'events-cut', 'script-events-cut', 'script-cut', 'script-unread'],
  ...['governor-not-performance', 'powerd', 'clock-source', 'turbo-on', 'virtual-machine'],
  'raw-cut',
] as const;

/** Pure: what is to be said against a sweep's numbers, the most harmful first. */
export function sumUpDoubts(rows: DoubtRows): readonly SweepDoubt[] {
  const { missing, iterationsAsRuns, of } = rows;
  const all: (Omit<SweepDoubt, 'note'> & { readonly harm: number })[] = [
    ...missing.map(({ name, reason }) => ({
      ...({ code: 'missing', about: 'sweep', runs: undefined, of, harm: -2 } as const),
      text: `${name} is missing: ${reason}`,
    })),
    ...(iterationsAsRuns
      ? [
          {
            ...({ about: 'sweep', runs: undefined, of, harm: -2 } as const),
            code: 'iterations-as-runs',
            text: `n counts ${ITERATIONS}, which depend on each other: no interval and no verdict is made from them`,
          },
        ]
      : []),
    ...rows.runs.flatMap((row) =>
      textsOf(row).map(({ text, runs }) => ({
        ...({ code: row.code, about: 'runs', runs, of, text } as const),
        harm: row.suspect === 1 ? -1 : harmOf(row.code),
      })),
    ),
    ...rows.machine.map(({ code, message }) => ({
      ...({ code, about: 'machine', runs: undefined, of, text: message } as const),
      harm: harmOf(code),
    })),
  ];
  return all
    .sort((a, b) => a.harm - b.harm || (b.runs ?? 0) - (a.runs ?? 0))
    .map(({ harm, ...doubt }) => ({ ...doubt, note: harm > HARM.length }));
}

/** `445 of 900 runs: another benchmark ran at the same time (foreign-benchmark)` */
export function doubtLine({ code, about, runs, of, text }: SweepDoubt): string {
  if (about !== 'runs') return code === 'missing' ? text : `${text} (${code})`;
  return `${runs} of ${of} ${of === 1 ? 'run' : 'runs'}: ${text} (${code})`;
}

function textsOf(row: RunDoubtRow): readonly { readonly text: string; readonly runs: number }[] {
  const { code, runs, suspect, messages, distinct } = row;
  const known = WORDS[code];
  if (known !== undefined) return [{ text: known, runs }];
  const said =
    code === 'benchmark-stderr' ? 'the benchmark said: ' : suspect === 1 ? 'suspect: ' : '';
  // Few messages are told each with its count; of many, one stands for all.
  if (distinct <= messages.length) {
    return messages.map(({ message, runs: own }) => ({ text: said + message, runs: own }));
  }
  return [{ text: `${said}such as: ${messages[0]?.message ?? ''}`, runs }];
}

function harmOf(code: string): number {
  const at = (HARM as readonly string[]).indexOf(code);
  if (at >= 0) return at;
  const note = (NOTES as readonly string[]).indexOf(code);
  return note >= 0 ? HARM.length + 1 + note : HARM.length;
}
