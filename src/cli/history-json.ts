import type { HistoryPoint, HistorySeries, HistoryStep, HistorySweep } from '../analyse/history.ts';
import { groupLevels } from '../analyse/history.ts';
import { cellRecord } from '../export/columns.ts';
import { seriesNames } from '../report/history/words.ts';
import type { HistoryDocument } from '../report/json/history-schema.ts';
import type { HistoryOrder, LoadedHistory } from './history-sweeps.ts';

/** A history for scripts: names are those of the columns of history.csv and history_steps.csv. */
export function historyJson(
  { name, sweeps, leftOut, warnings }: LoadedHistory,
  series: readonly HistorySeries[],
  by: HistoryOrder,
  isNewStep: (series: HistorySeries, step: HistoryStep) => boolean,
): Pick<HistoryDocument, 'name' | 'by' | 'sweeps' | 'left_out' | 'warnings' | 'cells'> {
  const names = seriesNames(series);
  return {
    ...{ name, by },
    sweeps: sweeps.map(sweepJson),
    left_out: leftOut.map(({ sweep, why }) => ({ ...sweepJson(sweep), why })),
    warnings,
    cells: series.map((one, at) => ({
      ...cellRecord(one.cell),
      ...{ label: names[at]!, machine: one.machine, measured: one.measured },
      state: one.found ? 'looked-at' : 'too-few-sweeps',
      ...(one.found
        ? {
            deviation: one.found.deviation,
            detectable_slowdown: one.found.detectable,
            autocorrelated: one.found.isAutocorrelated,
          }
        : { deviation: null, detectable_slowdown: null, autocorrelated: null }),
      points: one.points.map((point) => ({ ...pointJson(point), group: point.group || null })),
      groups: groupLevels(one).map(({ group, sweeps: count, median }) => ({
        ...{ group, sweeps: count, bandwidth_median_bytes_per_s: median },
      })),
      levels: (one.found?.levels ?? []).map(({ from, to, level }) => ({
        from: sweepJson(one.points[from]!.sweep),
        to: sweepJson(one.points[to - 1]!.sweep),
        level_bytes_per_s: level,
      })),
      changes: one.changes.map(({ at: place, ...change }) => ({
        ...change,
        ...sweepJson(one.points[place]!.sweep),
      })),
      steps: (one.found?.steps ?? []).map((step) => ({
        ...stepJson(one, step),
        new: isNewStep(one, step),
      })),
    })),
  };
}

function sweepJson({ file, id, name, startedAt }: HistorySweep) {
  return { database: file, sweep: id, name, started_at: startedAt || null };
}

function pointJson({ sweep, runs, median, interval, doubts }: HistoryPoint) {
  return {
    ...sweepJson(sweep),
    n: runs,
    bandwidth_median_bytes_per_s: median,
    bandwidth_ci_low_bytes_per_s: interval?.low ?? null,
    bandwidth_ci_high_bytes_per_s: interval?.high ?? null,
    bandwidth_ci_level: interval?.level ?? null,
    doubts,
  };
}

function stepJson(
  { points }: HistorySeries,
  { first, earliest, latest, before, after, ratio, interval, changes, doubts }: HistoryStep,
) {
  const at = (place: number) => sweepJson(points[place]!.sweep);
  return {
    since: at(first),
    earliest: at(earliest),
    latest: at(latest),
    before_bytes_per_s: before,
    after_bytes_per_s: after,
    ratio,
    ratio_ci_low: interval.low,
    ratio_ci_high: interval.high,
    ratio_ci_level: interval.level,
    changes: changes.map(({ at: place, ...change }) => ({ ...change, ...at(place) })),
    doubts,
  };
}
