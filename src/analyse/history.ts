import type { CellRow } from '../store/reader.ts';
import { environmentDifferences, factText } from './environment-differences.ts';
import type { Interval } from './interval.ts';
import { serialDependence } from './serial-dependence.ts';
import { DOUBT_P, LEAST_FOR_WARNINGS } from './series-warnings.ts';
import { median } from './statistics.ts';
import { findSteps, LEAST_FOR_STEPS, type Step, type Steps } from './steps.ts';

/** A sweep of an experiment's history. */
export interface HistorySweep {
  /** The database that it is from, as the user named it. */
  readonly file: string;
  readonly id: number;
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly identity: string;
}

/** The runs of a cell in one sweep. */
export interface HistoryPoint {
  readonly sweep: HistorySweep;
  /** The kernel, commit or benchmark by which the sweeps are ordered; empty if by their time. */
  readonly group: string;
  /** The facts of the machine that made it, at that time. */
  readonly facts: ReadonlyMap<string, string>;
  /** How many runs are quoted. */
  readonly runs: number;
  /** The median of their bandwidths, bytes per second; above 0. */
  readonly median: number;
  /** The interval of that median; undefined for fewer than 5 runs. */
  readonly interval: Interval | undefined;
  /** Standard error of the median's logarithm, as its own runs tell; undefined likewise. */
  readonly error: number | undefined;
  /** Codes of the doubts about its runs, without mere notes. */
  readonly doubts: readonly string[];
}

/** A cell on one machine, always measured in the same way: never pooled with another one. */
export interface MeasuredSeries {
  /** The cell of the newest of its sweeps. */
  readonly cell: CellRow;
  /** The machine's own name. */
  readonly machine: string;
  /** How it was measured: `untraced`, `traced by bpftrace`, with iterations, ... */
  readonly measured: string;
  /** The points in the order in which they are looked at. */
  readonly points: readonly HistoryPoint[];
}

/** Something that is different from one sweep to the next and may explain a step between them. */
export interface Change {
  /** A code of docs/environment.md, or `commit` or `conditions`. */
  readonly code: string;
  /** Index of the first point with the new value. */
  readonly at: number;
  /** The fact in words: `the kernel`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** A step of a cell's bandwidth. */
export interface HistoryStep {
  /** Index of the first point after it, by the best fit. */
  readonly first: number;
  /** The first and the last point that this may be, at 95 %. */
  readonly earliest: number;
  readonly latest: number;
  /** Levels, bytes per second. */
  readonly before: number;
  readonly after: number;
  /** `after` over `before`. */
  readonly ratio: number;
  readonly interval: Interval;
  /** Changes on the way to a sweep that may be the first one after it. */
  readonly changes: readonly Change[];
  /** Codes of the doubts about the sweeps between which it lies. */
  readonly doubts: readonly string[];
}

/** A level between two steps. */
export interface HistoryLevel {
  readonly from: number;
  readonly to: number;
  /** Bytes per second. */
  readonly level: number;
}

export interface HistorySeries extends MeasuredSeries {
  /** Everything that changed from one sweep to the next, in their order. */
  readonly changes: readonly Change[];
  /** Undefined when there are too few sweeps to find a step. */
  readonly found: FoundSteps | undefined;
}

export interface FoundSteps {
  readonly steps: readonly HistoryStep[];
  readonly levels: readonly HistoryLevel[];
  /** How far sweeps lie from their level, as a standard deviation and a share. */
  readonly deviation: number;
  /** The slowdown, as a share, that two sweeps would show in 4 of 5 cases. */
  readonly detectable: number;
  /** Whether a sweep resembles the one before it: false steps are then more frequent than promised. */
  readonly isAutocorrelated: boolean;
}

/** The least deviation that is believed, as a share, even if all levels agree to the last digit. */
const LEAST_DEVIATION = 0.001;

/**
 * Finds the steps of each series on the logarithms of its medians, so that they are ratios.
 * @param measured all series that are looked at together; the promise of few false steps is for all
 */
export function historyOf(measured: readonly MeasuredSeries[]): readonly HistorySeries[] {
  const all = measured.map(({ points }) => points.map((point) => Math.log(point.median)));
  const looked = all.filter((values) => values.length >= LEAST_FOR_STEPS).length;
  return measured.map((series, at) => {
    const changes = changesIn(series.points);
    const values = all[at]!;
    const steps = findSteps(values, {
      leastDeviation: leastDeviation(series.points),
      series: looked,
    });
    return { ...series, changes, found: steps && inWords(series.points, values, changes, steps) };
  });
}

function inWords(
  points: readonly HistoryPoint[],
  values: readonly number[],
  changes: readonly Change[],
  { steps, stretches, deviation, detectable }: Steps,
): FoundSteps {
  const rest = stretches.flatMap(({ from, to, level }) =>
    values.slice(from, to).map((value) => value - level),
  );
  const dependence = serialDependence(rest);
  return {
    steps: steps.map((step) => historyStep(step, points, changes)),
    levels: stretches.map(({ level, ...place }) => ({ ...place, level: Math.exp(level) })),
    deviation,
    detectable: 1 - Math.exp(-detectable),
    isAutocorrelated: rest.length >= LEAST_FOR_WARNINGS && (dependence?.p ?? 1) < DOUBT_P,
  };
}

function historyStep(
  { first, earliest, latest, before, after, change, interval }: Step,
  points: readonly HistoryPoint[],
  changes: readonly Change[],
): HistoryStep {
  const around = points.slice(earliest - 1, latest + 1);
  return {
    ...{ first, earliest, latest },
    ...{ before: Math.exp(before), after: Math.exp(after), ratio: Math.exp(change) },
    interval: { ...interval, low: Math.exp(interval.low), high: Math.exp(interval.high) },
    changes: changes.filter(({ at }) => at >= earliest && at <= latest),
    doubts: [...new Set(around.flatMap(({ doubts }) => doubts))],
  };
}

/** The runs of a sweep limit how well a level can be known. */
function leastDeviation(points: readonly HistoryPoint[]): number {
  const errors = points.flatMap(({ error }) => error ?? []);
  return errors.length === 0 ? LEAST_DEVIATION : Math.max(LEAST_DEVIATION, median(errors));
}

function changesIn(points: readonly HistoryPoint[]): readonly Change[] {
  return points
    .slice(1)
    .flatMap((point, before) => changesBetween(points[before]!, point, before + 1));
}

function changesBetween(a: HistoryPoint, b: HistoryPoint, at: number): readonly Change[] {
  const known = environmentDifferences(a.facts, b.facts).map(({ code, what, key, ...values }) => ({
    ...{ code, at, what },
    before: factText(key, values.a),
    after: factText(key, values.b),
  }));
  const commits = [a, b].map(({ facts }) => facts.get('git_commit'));
  const [before, after] = commits.map((commit) => commit && factText('git_commit', commit));
  const commit = { code: 'commit', at, what: "the commit of the spec's repository" };
  // Programs are part of the conditions, too, and have been named.
  const isExplained = known.some(({ code }) => code === 'benchmark' || code === 'trace-program');
  const conditions = { code: 'conditions', at, what: "the sweep's conditions (docs/history.md)" };
  return [
    ...known,
    ...(before && after && before !== after ? [{ ...commit, before, after }] : []),
    ...(a.sweep.identity === b.sweep.identity || isExplained
      ? []
      : [{ ...conditions, before: shortIdentity(a), after: shortIdentity(b) }]),
  ];
}

function shortIdentity({ sweep }: HistoryPoint): string {
  return sweep.identity.slice(0, 12);
}

/** The medians of a cell in all sweeps of one kernel, commit or benchmark. */
export interface GroupLevel {
  readonly group: string;
  readonly sweeps: number;
  /** The median of their medians, bytes per second. */
  readonly median: number;
}

/** The groups of a series, in their order; none if it is ordered by time. */
export function groupLevels({ points }: MeasuredSeries): readonly GroupLevel[] {
  const groups = [...new Set(points.map(({ group }) => group))].filter((group) => group !== '');
  return groups.map((group) => {
    const medians = points.filter((point) => point.group === group).map((point) => point.median);
    return { group, sweeps: medians.length, median: median(medians) };
  });
}

/** The steps that are new: those of the last so many sweeps of a series, or since a time in ms. */
export type Since = { readonly sweeps: number } | { readonly time: number };

/** Whether a step may have begun that late, by the latest sweep that may be the first after it. */
export function isNew({ points }: MeasuredSeries, { latest }: HistoryStep, since: Since): boolean {
  const times = points.map(({ sweep }) => Date.parse(sweep.startedAt));
  const newestFirst = times.toSorted((a, b) => b - a);
  const from =
    'time' in since ? since.time : (newestFirst[since.sweeps - 1] ?? Number.NEGATIVE_INFINITY);
  return times[latest]! >= from;
}
