import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { leastP, mannWhitney } from './mann-whitney.ts';
import { isDeterministic } from './spread.ts';
import { median } from './statistics.ts';

/** One value per traced run of a cell, by name; a run without it counts as 0. */
export type Features = ReadonlyMap<string, readonly number[]>;

/**
 * Collects the features of cells.
 * @param rows the counts of the cells' runs; there may be many, and they are read one at a time
 * @returns the features of each cell by the cell's number
 */
export function featuresByCell<Row extends { readonly cell: number; readonly run_id: number }>(
  rows: Iterable<Row>,
  nameOf: (row: Row) => string,
  countOf: (row: Row) => number,
): ReadonlyMap<number, Features> {
  const cells = new Map<number, { runs: Set<number>; features: Map<string, number[]> }>();
  for (const row of rows) {
    const { cell, run_id } = row;
    let own = cells.get(cell);
    if (!own) {
      own = { runs: new Set(), features: new Map() };
      cells.set(cell, own);
    }
    own.runs.add(run_id);
    const name = nameOf(row);
    const values = own.features.get(name);
    if (values) values.push(countOf(row));
    else own.features.set(name, [countOf(row)]);
  }
  for (const { runs, features } of cells.values()) {
    for (const values of features.values()) {
      while (values.length < runs.size) values.push(0);
    }
  }
  return new Map([...cells].map(([cell, { features }]) => [cell, features]));
}

/** A feature in which the runs of two cells differ. */
export interface FeatureChange {
  readonly name: string;
  /** Medians over the runs. */
  readonly a: number;
  readonly b: number;
  readonly change: 'new' | 'vanished' | 'more' | 'less';
  /**
   * True: every run of a side has the same value and the sides differ, or the Mann-Whitney test
   * finds a difference after correction. False: a difference was seen, but it may be chance.
   */
  readonly evidence: boolean;
}

/**
 * Finds what changed in each pair of cells. The p values of all pairs and features together are
 * corrected by Benjamini and Hochberg. Features that could not be significant however their values
 * were distributed between the sides are not counted: they cannot be false calls (Tarone 1990).
 * @returns for each pair, in their order, the features that differ, sorted by name
 */
export function compareFeatures(
  pairs: readonly { readonly a: Features; readonly b: Features }[],
  { alpha = 0.05 }: { readonly alpha?: number } = {},
): readonly (readonly FeatureChange[])[] {
  const candidates = pairs.flatMap(({ a, b }, pair) => {
    const runsA = runsOf(a);
    const runsB = runsOf(b);
    if (runsA === 0 || runsB === 0) return [];
    return [...new Set([...a.keys(), ...b.keys()])].sort().map((name) => {
      const before = a.get(name) ?? Array<number>(runsA).fill(0);
      const after = b.get(name) ?? Array<number>(runsB).fill(0);
      const p = leastP(before, after) < alpha ? mannWhitney(before, after).p : undefined;
      return { pair, name, before, after, p };
    });
  });
  const corrected = benjaminiHochberg(candidates.flatMap(({ p }) => p ?? []));
  let next = 0;
  const changes: FeatureChange[][] = pairs.map(() => []);
  for (const { pair, name, before, after, p } of candidates) {
    const correctedP = p === undefined ? 1 : corrected[next++]!;
    const fixed = isDeterministic(before) && isDeterministic(after) && before[0] !== after[0];
    const evidence = fixed || correctedP < alpha;
    const change = changeOf(before, after, evidence);
    if (change === undefined) continue;
    changes[pair]!.push({ name, a: median(before), b: median(after), change, evidence });
  }
  return changes;
}

function runsOf(features: Features): number {
  return features.values().next().value?.length ?? 0;
}

function changeOf(
  before: readonly number[],
  after: readonly number[],
  evidence: boolean,
): FeatureChange['change'] | undefined {
  const seen = (values: readonly number[]) => values.some((value) => value !== 0);
  if (!seen(before)) return seen(after) ? 'new' : undefined;
  if (!seen(after)) return 'vanished';
  if (!evidence) return undefined;
  return sum(after) / after.length > sum(before) / before.length ? 'more' : 'less';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
