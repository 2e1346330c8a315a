import type { Findings as Evidence, Judgement } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { formatSize } from '../spec/sizes.ts';
import type { SweepRow } from '../store/reader.ts';
import { mebibytes, percent } from './quantities.ts';
import { channel, range } from './shown.ts';

/** A sentence about a sweep that its data say. */
export interface Finding {
  readonly subject: string;
  readonly text: string;
}

/** What findings are made from. */
export interface FindingSources {
  readonly sweep: Pick<SweepRow, 'tracer' | 'controls'>;
  readonly summaries: readonly CellSummary[];
  readonly pipeStates: Evidence['pipeStates'];
  readonly stateBits: Evidence['stateBits'];
  readonly judged: readonly Judgement[];
  /** Suspect runs were let in. */
  readonly suspect: boolean;
}

/** The headline of a report: every sentence follows from the data by a rule, none is a guess. */
export function findings(sources: FindingSources): readonly Finding[] {
  return [
    ...peaks(sources.summaries),
    ...directWrites(sources),
    ...probeEffect(sources),
    ...expectations(sources.judged),
    runs(sources),
  ];
}

/** Cells that differ in their buffer size alone, in the order in which they first appear. */
function series(summaries: readonly CellSummary[]): readonly (readonly [string, CellSummary[]])[] {
  const totals = new Set(summaries.map(({ cell }) => cell.total_bytes)).size > 1;
  const groups = new Map<string, CellSummary[]>();
  for (const summary of summaries) {
    const { cell } = summary;
    const name = `${channel(cell)}${totals ? `, ${formatSize(cell.total_bytes)} in all` : ''}`;
    const group = groups.get(name);
    if (group) group.push(summary);
    else groups.set(name, [summary]);
  }
  return [...groups];
}

function subjectOf(what: string, name: string, all: readonly unknown[]): string {
  return all.length === 1 ? what : `${what}, ${name}`;
}

type Measured = CellSummary & { readonly bandwidth: NonNullable<CellSummary['bandwidth']> };

function peaks(summaries: readonly CellSummary[]): readonly Finding[] {
  const groups = series(summaries);
  return groups.flatMap(([name, group]) => {
    const known = group.filter((summary): summary is Measured => summary.bandwidth !== undefined);
    const best = known.toSorted((a, b) => b.bandwidth.median - a.bandwidth.median)[0];
    if (!best) return [];
    const { median, interval, n } = best.bandwidth;
    const bounds = interval
      ? `95% interval ${range(mebibytes(interval.low), mebibytes(interval.high))}, n = ${n}`
      : `n = ${n}, too few for an interval`;
    const size = formatSize(best.cell.buffer_bytes);
    const text = `${mebibytes(median)} MiB/s with buffers of ${size} (median of runs, ${bounds})`;
    return [
      {
        subject: subjectOf('Highest bandwidth', name, groups),
        text: `${text}${rivals(best, known)}.`,
      },
    ];
  });
}

/** Sizes that the data do not tell apart from the best one. */
function rivals(best: Measured, known: readonly Measured[]): string {
  const { interval } = best.bandwidth;
  if (!interval) return '';
  const overlapping = known.filter(
    ({ cell, bandwidth }) =>
      cell !== best.cell && bandwidth.interval && bandwidth.interval.high >= interval.low,
  );
  if (overlapping.length === 0) return '';
  const sizes = overlapping.map(({ cell }) => formatSize(cell.buffer_bytes));
  return `; its interval overlaps that of ${enumerated(sizes)}`;
}

function enumerated(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Where writes go past the pipe's buffer, on kernels that have a state for it. */
function directWrites({ summaries, pipeStates, stateBits }: FindingSources): readonly Finding[] {
  const mask = stateBits.find(({ name }) => name === 'DIRECTW')?.bit;
  if (mask === undefined) return [];
  const traced = series(summaries).flatMap(([name, group]) => {
    const sizes = group
      .map(({ cell }) => {
        const own = pipeStates.filter((row) => row.cell === cell.cell);
        return {
          bytes: cell.buffer_bytes,
          looked: own.length > 0,
          direct: own.some(({ state, count }) => (state & mask) !== 0 && count > 0),
        };
      })
      .filter(({ looked }) => looked)
      .sort((a, b) => a.bytes - b.bytes);
    return sizes.length === 0 ? [] : [{ name, sizes }];
  });
  return traced.map(({ name, sizes }) => {
    const first = sizes.findIndex(({ direct }) => direct);
    const gaps = first < 0 ? [] : sizes.slice(first).filter(({ direct }) => !direct);
    return {
      subject: subjectOf('Direct writes', name, traced),
      text: directText(sizes, first, gaps),
    };
  });
}

function directText(
  sizes: readonly { readonly bytes: number }[],
  first: number,
  gaps: readonly { readonly bytes: number }[],
): string {
  const size = (at: number) => formatSize(sizes.at(at)!.bytes);
  if (first < 0) {
    return `none: DIRECTW was never seen from ${range(size(0), size(-1))}.`;
  }
  const below =
    first === 0
      ? 'the smallest size of this sweep'
      : `DIRECTW was never seen up to ${size(first - 1)}`;
  const after =
    gaps.length === 0
      ? ''
      : `, and not at ${enumerated(gaps.map(({ bytes }) => formatSize(bytes)))}`;
  return `they begin at buffers of ${size(first)} (${below}${after}).`;
}

function probeEffect({ sweep, summaries }: FindingSources): readonly Finding[] {
  if (sweep.tracer === 'none') return [];
  const subject = 'Cost of tracing';
  if (sweep.controls === 0) {
    const text =
      'not measured: the sweep has no untraced controls, so bandwidths are of traced runs.';
    return [{ subject, text }];
  }
  const known = summaries
    .flatMap(({ cell, probeEffect: effect }) =>
      effect?.ratio ? [{ cell, ratio: effect.ratio.ratio }] : [],
    )
    .sort((a, b) => a.ratio - b.ratio);
  const [least, most] = [known[0], known.at(-1)];
  if (!least || !most) {
    return [
      { subject, text: 'not known: fewer than five good runs of either kind in every cell.' },
    ];
  }
  const several = new Set(summaries.map(({ cell }) => channel(cell))).size > 1;
  const at = ({ cell }: typeof least) =>
    `${several ? `${channel(cell)}, ` : ''}${formatSize(cell.buffer_bytes)}`;
  const text =
    known.length === 1
      ? `a traced run has ${percent(least.ratio)} of the bandwidth of an untraced one (${at(least)}).`
      : `a traced run has from ${percent(least.ratio)} (${at(least)}) to ${percent(most.ratio)} (${at(most)}) of the bandwidth of an untraced one. Bandwidths are of untraced runs, counts of traced ones.`;
  return [{ subject, text }];
}

function expectations(judged: readonly Judgement[]): readonly Finding[] {
  if (judged.length === 0) return [];
  const kept = judged.filter(({ misses }) => misses.length === 0).length;
  const text = `${kept} of ${judged.length} ${judged.length === 1 ? 'is' : 'are'} fulfilled.`;
  return [{ subject: 'Expectations', text }];
}

function runs({ summaries, suspect: letIn }: FindingSources): Finding {
  const sum = (of: (summary: CellSummary) => number) =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  const completed = sum((summary) => summary.completed);
  const suspect = sum((summary) => summary.suspect);
  const failed = sum((summary) => summary.failed);
  const all = completed + suspect + failed;
  const doubted = cellsWithWarnings(summaries);
  const bad =
    suspect + failed === 0
      ? `${all} counted, all completed`
      : `${all} counted: ${completed} completed, ${suspect} suspect, ${failed} failed`;
  const entered =
    suspect === 0 ? '' : letIn ? '; suspect runs were let in' : '; suspect runs enter no figure';
  return { subject: 'Runs', text: `${bad}${entered}.${doubted}` };
}

function cellsWithWarnings(summaries: readonly CellSummary[]): string {
  const count = summaries.filter(({ bandwidth }) => bandwidth?.warnings.length).length;
  if (count === 0) return '';
  return ` The order of the runs raises doubts about ${count} of ${summaries.length} cells.`;
}
