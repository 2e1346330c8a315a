import type { CellSummary } from '../../analyse/summary.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { channelInFull } from '../value-text.ts';

/** A sentence about a sweep that follows from its data. */
export interface Finding {
  readonly subject: string;
  readonly text: string;
}

/** Groups cells that differ only in their buffer size, in the order in which they first appear. */
export function bufferSizeSeries(
  summaries: readonly CellSummary[],
): readonly (readonly [string, CellSummary[]])[] {
  const totals = new Set(summaries.map(({ cell }) => cell.total_bytes)).size > 1;
  const groups = new Map<string, CellSummary[]>();
  for (const summary of summaries) {
    const { cell } = summary;
    const name = `${channelInFull(cell)}${totals ? `, ${formatSize(cell.total_bytes)} in all` : ''}`;
    const group = groups.get(name);
    if (group) group.push(summary);
    else groups.set(name, [summary]);
  }
  return [...groups];
}

export function subjectOf(what: string, name: string, all: readonly unknown[]): string {
  return all.length === 1 ? what : `${what}, ${name}`;
}

export function enumerated(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
