import { cellName } from '../experiment/cell-name.ts';
import { formatSize } from '../experiment/sizes.ts';
import type { DoubtRows } from '../store/doubt-rows.ts';
import { type CellRow, cellOf } from '../store/reader.ts';
import type { CellSummary } from './summary.ts';

/** A reason to trust a sweep's numbers less, summed up over everything that it concerns. */
export interface SweepDoubt {
  /** `missing`, `iterations-as-runs`, or a code of docs/{tracing,environment,method}.md. */
  readonly code: string;
  readonly about: 'sweep' | 'runs' | 'cells' | 'machine';
  /** The number of runs that it concerns; undefined if it concerns all of them. */
  readonly runs: number | undefined;
  /** The number of runs that there are. */
  readonly of: number;
  /** Names of the cells that it concerns if they are only some; empty: all of them. */
  readonly cells: readonly string[];
  /** The number of cells that there are. */
  readonly ofCells: number;
  /** The hosts that it concerns if they are only some; empty: all of them. */
  readonly hosts: readonly string[];
  /** The doubt in words. */
  readonly text: string;
  /** Whether it is only worth knowing, and no reason to trust the numbers less than others. */
  readonly note: boolean;
}

interface Kind {
  readonly code: string;
  /** The meaning for a whole sweep; without it, the messages themselves are shown. */
  readonly words?: string;
  /** Text in front of the messages. */
  readonly before?: string;
  readonly note?: true;
}

/** The unit of n in a sweep that was imported with `--iterations-as-runs`. */
export const ITERATIONS = 'iterations of one process';

/**
 * Every kind that has its own words or position, the most harmful first. A kind that is not listed
 * is described by its messages, and comes after the last one that is not a note.
 */
const KINDS: readonly Kind[] = [
  { code: 'foreign-benchmark', words: 'another benchmark ran at the same time' },
  { code: 'shard-moved' },
  { code: 'host-not-locked' },
  { code: 'quota-throttled', words: 'a CPU quota stopped processes' },
  { code: 'steal', words: 'the hypervisor took time from processor 0' },
  { code: 'throttled', words: 'heat slowed processor 0 down' },
  { code: 'drift', words: 'values rise or fall over the order of the runs' },
  { code: 'autocorrelated', words: 'a run resembles the one before it' },
  { code: 'noisy', words: 'runs vary by more than 10 %' },
  { code: 'short-samples', words: 'samples last less than 1 ms' },
  { code: 'processor-0-not-allowed' },
  { code: 'cpu-quota' },
  { code: 'debug-kernel' },
  { code: 'other-load' },
  { code: 'tuning-lost' },
  { code: 'cleanup-failed' },
  { code: 'vm-steal' },
  { code: 'on-battery' },
  { code: 'benchmark-stderr', before: 'the benchmark said: ' },
  { code: 'rusage-missing' },
  { code: 'counters-missing' },
  { code: 'counters-scaled', words: 'counters took turns in the processor: values are scaled up' },
  // The rest apply to every machine of a kind, or only to the texts that are kept.
  { code: 'events-lost', note: true },
  { code: 'events-cut', note: true },
  { code: 'script-events-cut', note: true },
  { code: 'script-cut', note: true },
  { code: 'script-unread', note: true },
  { code: 'governor-not-performance', note: true },
  { code: 'powerd', note: true },
  { code: 'clock-source', note: true },
  { code: 'turbo-on', note: true },
  { code: 'virtual-machine', note: true },
  { code: 'raw-cut', note: true },
];
const FIRST_NOTE = KINDS.findIndex(({ note }) => note);

/** A statement about some runs. */
interface Said {
  readonly message: string;
  readonly runs: number;
  readonly cells: readonly number[];
}

/**
 * Pure function: lists all doubts about a sweep's numbers, the most harmful first.
 * @param summaries the cells whose series of runs are also checked for doubts
 */
export function sumUpDoubts(
  rows: DoubtRows,
  summaries: readonly Pick<CellSummary, 'cell' | 'bandwidth'>[] = [],
): readonly SweepDoubt[] {
  const { missing, iterationsAsRuns, of } = rows;
  const placeOf = placesIn(rows.cells);
  const allHosts = [...new Set(rows.cells.map(({ host }) => host))];
  const all = { ...{ cells: [], ofCells: rows.cells.length, hosts: [] }, of };
  const found: (Omit<SweepDoubt, 'note'> & { readonly harm: number })[] = [
    ...missing.map(({ name, reason }) => ({
      ...({ ...all, code: 'missing', about: 'sweep', runs: undefined, harm: -2 } as const),
      text: `${name} is missing: ${reason}`,
    })),
    ...(iterationsAsRuns
      ? [
          {
            ...({ ...all, about: 'sweep', runs: undefined, harm: -2 } as const),
            code: 'iterations-as-runs',
            text: `n counts ${ITERATIONS}, which depend on each other: no interval of a median and no verdict is made from them`,
          },
        ]
      : []),
    ...rows.runs.flatMap(({ code, suspect, messages, distinct, runs, cells }) =>
      told(code, { runs, cells }, { messages, distinct, suspect: suspect === 1 }).map((said) => ({
        ...({ ...all, code, about: 'runs', runs: said.runs, text: said.message } as const),
        ...placeOf(said.cells),
        harm: suspect === 1 ? -1 : harmOf(code),
      })),
    ),
    ...seriesDoubts(summaries).map(({ code, message, runs, cells }) => ({
      ...({ ...all, code, about: 'cells', runs, text: message, harm: harmOf(code) } as const),
      ...placeOf(cells),
    })),
    ...rows.machine.map(({ code, message, runs, hosts }) => ({
      ...({ ...all, code, about: 'machine', text: message, harm: harmOf(code) } as const),
      runs: runs < of ? runs : undefined,
      hosts: hosts.length < allHosts.length ? allHosts.filter((name) => hosts.includes(name)) : [],
    })),
  ];
  return found
    .sort((a, b) => a.harm - b.harm || (b.runs ?? of) - (a.runs ?? of))
    .map(({ harm, ...doubt }) => ({ ...doubt, note: harm >= FIRST_NOTE }));
}

/**
 * `12 of 60 runs, all of 4 KiB and 8 KiB: another benchmark ran at the same time (foreign-benchmark)`,
 * `all cells on board-1: a run resembles the one before it (autocorrelated)`
 */
export function doubtLine(doubt: SweepDoubt): string {
  const { code, about, runs, of, text } = doubt;
  if (code === 'missing') return text;
  const said = `${text} (${code})`;
  if (about === 'cells') return `${cellsConcerned(doubt)}: ${said}`;
  if (runs === undefined) return said;
  return `${runs} of ${of} ${of === 1 ? 'run' : 'runs'}${runsWhere(doubt)}: ${said}`;
}

function cellsConcerned({ cells, ofCells, hosts }: SweepDoubt): string {
  if (hosts.length > 0) return `all cells on ${enumerated(hosts)}`;
  if (cells.length === 0) return ofCells === 1 ? 'the only cell' : `all ${ofCells} cells`;
  const names = cells.length <= MOST_NAMES ? ` (${enumerated(cells)})` : '';
  return `${cells.length} of ${ofCells} cells${names}`;
}

function runsWhere({ cells, ofCells, hosts }: SweepDoubt): string {
  if (hosts.length > 0) return `, all on ${enumerated(hosts)}`;
  if (cells.length === 0) return '';
  if (cells.length <= MOST_NAMES) return `, all of ${enumerated(cells)}`;
  return `, in ${cells.length} of ${ofCells} cells`;
}

/** Maximum number of cells that are named one by one; doubts.csv names all. */
const MOST_NAMES = 4;

function enumerated(names: readonly string[]): string {
  const last = names.at(-1)!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** Describes a kind by its own words, by each of a few messages, or by one of many for all. */
function told(code: string, whole: Omit<Said, 'message'>, said: Messages): readonly Said[] {
  const { words, before } = KINDS.find((kind) => kind.code === code) ?? {};
  if (words !== undefined) return [{ ...whole, message: words }];
  const start = before ?? (said.suspect ? 'suspect: ' : '');
  const { messages, distinct } = said;
  if (distinct <= messages.length) {
    return messages.map(({ message, ...own }) => ({ ...own, message: start + message }));
  }
  return [{ ...whole, message: `${start}such as: ${messages[0]?.message ?? ''}` }];
}

interface Messages {
  /** The most frequent messages. */
  readonly messages: readonly Said[];
  /** The number of different messages. */
  readonly distinct: number;
  readonly suspect: boolean;
}

/** Doubts raised by the series of runs, by kind. */
function seriesDoubts(
  summaries: readonly Pick<CellSummary, 'cell' | 'bandwidth'>[],
): readonly (Said & { readonly code: string })[] {
  const byCode = new Map<string, Said[]>();
  for (const { cell, bandwidth } of summaries) {
    for (const { code, message } of bandwidth?.warnings ?? []) {
      const said = { message, runs: bandwidth?.n ?? 0, cells: [cell.cell] };
      byCode.set(code, [...(byCode.get(code) ?? []), said]);
    }
  }
  return [...byCode].flatMap(([code, each]) => {
    // For a single cell, its own message gives the amount.
    if (each.length === 1) return each.map((only) => ({ code, ...only }));
    const whole = {
      runs: each.reduce((sum, { runs }) => sum + runs, 0),
      cells: each.flatMap(({ cells }) => cells),
    };
    const messages = { messages: each.slice(0, 1), distinct: each.length, suspect: false };
    return told(code, whole, messages).map((one) => ({ code, ...one }));
  });
}

/** Tells in one sentence what several cells have in common that raise the doubt `code`. */
export function commonWords(code: string, messages: readonly string[]): string {
  const [first = ''] = messages;
  const same = messages.every((message) => message === first);
  return same ? first : (KINDS.find((kind) => kind.code === code)?.words ?? `such as: ${first}`);
}

type Place = Pick<SweepDoubt, 'cells' | 'hosts'>;

/** @returns a function that names some cells, or their hosts; nothing if they are all cells */
function placesIn(cells: readonly CellRow[]): (concerned: readonly number[]) => Place {
  const hosts = new Set(cells.map(({ host }) => host));
  const nameOf = namesOf(cells);
  return (concerned) => {
    const numbers = new Set(concerned);
    const own = cells.filter(({ cell }) => numbers.has(cell));
    const onHosts = new Set(own.map(({ host }) => host));
    const whole = cells.filter(({ host }) => onHosts.has(host)).length === own.length;
    if (own.length === cells.length) return { cells: [], hosts: [] };
    if (whole && onHosts.size < hosts.size) return { cells: [], hosts: [...onHosts] };
    return { cells: own.map(nameOf), hosts: [] };
  };
}

/** Names cells by their buffers if that tells them apart. */
export function namesOf(cells: readonly CellRow[]): (cell: CellRow) => string {
  const sizes = new Set(cells.map((cell) => cell.buffer_bytes));
  return sizes.size === cells.length
    ? (cell) => formatSize(cell.buffer_bytes)
    : (cell) => cellName(cellOf(cell));
}

/** Whether a doubt is only worth knowing, and no reason to trust numbers less. */
export function isNote(code: string): boolean {
  return harmOf(code) >= FIRST_NOTE;
}

function harmOf(code: string): number {
  const at = KINDS.findIndex((kind) => kind.code === code);
  // Between the last one that is not a note and the first one that is.
  return at >= 0 ? at : FIRST_NOTE - 0.5;
}
