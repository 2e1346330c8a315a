import type { Change, HistorySeries, HistoryStep, HistorySweep } from '../../analyse/history.ts';
import { cellName } from '../../experiment/cell-name.ts';
import { cellOf } from '../../store/reader.ts';

/**
 * A name for each series: its cell, and where that does not tell it from another one also the machine,
 * or how it was measured.
 */
export function seriesNames(series: readonly HistorySeries[]): readonly string[] {
  const cells = series.map(({ cell }) => cellName(cellOf(cell)));
  const several = new Set(series.map(({ machine }) => machine)).size > 1;
  const placed = series.map(({ cell, machine }, at) =>
    several && cell.host_axis === 0 ? `${cells[at]} on ${machine}` : cells[at]!,
  );
  const unlikeOthers = (names: readonly string[], more: (one: HistorySeries) => string) =>
    names.map((name, at) => {
      const alike = series.filter((_, other) => names[other] === name);
      return new Set(alike.map(more)).size > 1 ? `${name}, ${more(series[at]!)}` : name;
    });
  const told = unlikeOthers(placed, ({ measured }) => measured);
  return unlikeOthers(told, ({ machine }) => machine);
}

/** `lab-3`, with the name of its database where the sweeps are from several. */
export function sweepNamer(sweeps: readonly HistorySweep[]): (sweep: HistorySweep) => string {
  const several = new Set(sweeps.map(({ file }) => file)).size > 1;
  return ({ name, id, file }) => (several ? `${name}-${id} of ${file}` : `${name}-${id}`);
}

/** The day of a sweep, in UTC. */
export function dayOf({ startedAt }: HistorySweep): string {
  return new Date(startedAt).toISOString().slice(0, 10);
}

/**
 * `2026-03-04 (lab-64), the first sweep with the kernel 6.1.0-18 (before: 6.1.0-17)`
 * @param nameOf as {@link sweepNamer} returns it
 */
export function sinceWhen(
  { points }: HistorySeries,
  { first, changes }: HistoryStep,
  nameOf: (sweep: HistorySweep) => string,
): string {
  const { sweep } = points[first]!;
  const since = `${dayOf(sweep)} (${nameOf(sweep)})`;
  const [own, near] = [true, false].map((isOwn) =>
    changes.filter(({ at }) => (at === first) === isOwn),
  );
  if (own!.length > 0) return `${since}, the first sweep with ${enumerated(own!.map(changeWords))}`;
  if (near!.length > 0) {
    const words = near!.map(
      (change) => `${changeWords(change)} since ${nameOf(points[change.at]!.sweep)}`,
    );
    return `${since}; close to it: ${enumerated(words)}`;
  }
  return `${since}; nothing else is known to have changed`;
}

/** `the kernel 6.1.0-18 (before: 6.1.0-17)` */
export function changeWords({ what, before, after }: Change): string {
  return `${what} ${after} (before: ${before})`;
}

function enumerated(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
