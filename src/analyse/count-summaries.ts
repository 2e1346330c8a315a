import { LEAST_FOR_INTERVAL } from '../experiment/limits.ts';
import type { CountOfRun } from '../store/cell-data.ts';
import { studentQuantile } from './beta-distribution.ts';
import { consecutive } from './consecutive.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { isDeterministic } from './spread.ts';
import { type Distribution, describe } from './statistics.ts';

/** One role's counts of the same keys, in a cell. */
interface Group {
  readonly cell: number;
  readonly role: string;
  readonly keys: readonly (string | number)[];
}

/** The count of a run; a run without such a row counts as 0. */
export interface PerRunSummary extends Group {
  readonly counts: Distribution;
  /** Whether all runs have the same count, which leaves no spread and nothing to test. */
  readonly deterministic: boolean;
}

/**
 * @param rows the rows of each cell together, and the cells in their order
 * @returns ordered by cell, role and keys
 */
export function summarisePerRun(rows: Iterable<CountOfRun>): readonly PerRunSummary[] {
  return eachCell(rows, (own) => {
    const runs = runsOf(own);
    return groupsOf(own, ({ keys }) => keys).map(({ group, rows: members }) => {
      const counts = members.map(({ count }) => count);
      const all = [...counts, ...Array<number>(runs.length - counts.length).fill(0)];
      return { ...group, counts: describe(all)!, deterministic: isDeterministic(all) };
    });
  });
}

/** The share that the last key's value has among all values with the same role and other keys. */
export interface ShareSummary extends Group {
  readonly runs: number;
  /** The count of all runs together. */
  readonly count: number;
  /** From 0 to 1, over all runs together. */
  readonly share: number;
  /** Undefined for fewer than LEAST_FOR_INTERVAL runs. */
  readonly interval: Interval | undefined;
}

/**
 * The interval is that of a ratio of two sums over runs (Cochran, Sampling Techniques, 3rd edition,
 * 1977, section 6.3, with Student's distribution for n - 1 degrees of freedom): calls of one run
 * depend on each other, runs do not.
 * @param rows as in {@link summarisePerRun}
 */
export function summariseShares(rows: Iterable<CountOfRun>): readonly ShareSummary[] {
  return eachCell(rows, (own) => {
    const runs = runsOf(own);
    return groupsOf(own, ({ keys }) => keys.slice(0, -1)).flatMap(({ rows: whole }) => {
      const wholes = countsByRun(whole, runs);
      const total = sumOf(wholes);
      if (total === 0) return [];
      return groupsOf(whole, ({ keys }) => keys).map(({ group, rows: part }) => {
        const parts = countsByRun(part, runs);
        const count = sumOf(parts);
        const share = count / total;
        return {
          ...{ ...group, runs: runs.length, count, share },
          interval: ratioInterval(parts, wholes, share),
        };
      });
    });
  });
}

function ratioInterval(
  parts: readonly number[],
  wholes: readonly number[],
  ratio: number,
): Interval | undefined {
  const n = parts.length;
  if (n < LEAST_FOR_INTERVAL) return undefined;
  const mean = sumOf(wholes) / n;
  const squares = parts.reduce((sum, part, at) => sum + (part - ratio * wholes[at]!) ** 2, 0);
  const error = Math.sqrt(squares / (n - 1) / n) / mean;
  const reach = studentQuantile(1 - CONFIDENCE, n - 1) * error;
  return {
    low: Math.max(0, ratio - reach),
    high: Math.min(1, ratio + reach),
    level: CONFIDENCE,
  };
}

/** The quantiles that a summary of buckets gives. */
export const BUCKET_QUANTILES = [0.5, 0.9, 0.99] as const;

/** A bucket by its edges: a value in it is at least `from` and less than `below`. */
export interface Bucket {
  readonly from: number;
  readonly below: number;
}

/** The distribution of the last key, the lower edge of a bucket, over all runs together. */
export interface QuantileSummary extends Group {
  readonly runs: number;
  readonly count: number;
  /** The buckets in which BUCKET_QUANTILES lie. */
  readonly quantiles: readonly Bucket[];
  readonly least: Bucket;
  readonly most: Bucket;
}

/**
 * @param rows as in {@link summarisePerRun}
 * @param firstBucket where bucket 0 ends; every other one ends at twice its lower edge
 */
export function summariseQuantiles(
  rows: Iterable<CountOfRun>,
  firstBucket: number,
): readonly QuantileSummary[] {
  const bucketAt = (from: number) => ({ from, below: from === 0 ? firstBucket : 2 * from });
  return eachCell(rows, (own) => {
    const runs = runsOf(own);
    return groupsOf(own, ({ keys }) => keys.slice(0, -1)).flatMap(({ group, rows: members }) => {
      const counts = new Map<number, number>();
      for (const { keys, count } of members) {
        if (count === 0) continue;
        const from = Number(keys.at(-1));
        counts.set(from, (counts.get(from) ?? 0) + count);
      }
      const edges = [...counts.keys()].sort((a, b) => a - b);
      const count = sumOf([...counts.values()]);
      const [first] = edges;
      if (first === undefined) return [];
      const placeOf = (p: number) => bucketAt(edgeOf(counts, edges, p * count));
      return {
        ...{ ...group, runs: runs.length, count, quantiles: BUCKET_QUANTILES.map(placeOf) },
        ...{ least: bucketAt(first), most: bucketAt(edges.at(-1)!) },
      };
    });
  });
}

/** The edge of the first bucket up to whose end there are at least so many values. */
function edgeOf(
  counts: ReadonlyMap<number, number>,
  edges: readonly number[],
  wanted: number,
): number {
  let seen = 0;
  for (const edge of edges) {
    seen += counts.get(edge)!;
    if (seen >= wanted) return edge;
  }
  return edges.at(-1)!;
}

function eachCell<Summary>(
  rows: Iterable<CountOfRun>,
  summarise: (own: readonly CountOfRun[]) => readonly Summary[],
): readonly Summary[] {
  const summaries: Summary[] = [];
  for (const own of consecutive(rows, ({ cell }) => cell)) summaries.push(...summarise(own));
  return summaries;
}

function groupsOf(
  rows: readonly CountOfRun[],
  keysOf: (row: CountOfRun) => readonly (string | number)[],
): readonly { readonly group: Group; readonly rows: readonly CountOfRun[] }[] {
  const groups = new Map<string, { group: Group; rows: CountOfRun[] }>();
  for (const row of rows) {
    const { cell, role } = row;
    const keys = keysOf(row);
    const name = JSON.stringify([role, ...keys]);
    const known = groups.get(name);
    if (known) known.rows.push(row);
    else groups.set(name, { group: { cell, role, keys }, rows: [row] });
  }
  const order = (a: Group, b: Group) =>
    compareValues(a.role, b.role) ||
    a.keys.map((key, at) => compareValues(key, b.keys[at]!)).find(Boolean) ||
    0;
  return [...groups.values()].sort((a, b) => order(a.group, b.group));
}

function runsOf(rows: readonly CountOfRun[]): readonly number[] {
  return [...new Set(rows.map(({ run_id: run }) => run))];
}

function countsByRun(rows: readonly CountOfRun[], runs: readonly number[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const { run_id: run, count } of rows) counts.set(run, (counts.get(run) ?? 0) + count);
  return runs.map((run) => counts.get(run) ?? 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function compareValues(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}
