import { aggregatingFunctionOf, bucketsOf, couldHaveMade } from './buckets.ts';
import type { Aggregation } from './d-script.ts';
import type { Layout } from './layouts.ts';
import { matchOnce } from './matcher.ts';
import { distributionAt } from './printed-distribution.ts';
import type { Aggregate } from './script-output.ts';
import { isSameMatch, keysOf, type Match, type Segment } from './segments.ts';

/** A row, read in every layout that explains it. */
export interface Row {
  readonly match: Match;
  readonly layouts: readonly Layout[];
}

/** Layouts that look the same, which are matched only once. */
export interface Shape {
  readonly segments: readonly Segment[];
  readonly layouts: readonly Layout[];
  /** How much of a row's text is fixed: the more, the less likely a match by chance. */
  readonly weight: number;
}

export function shapesOf(layouts: readonly Layout[]): readonly Shape[] {
  const shapes = new Map<string, Layout[]>();
  for (const layout of layouts) {
    const key = JSON.stringify(layout.segments);
    shapes.set(key, [...(shapes.get(key) ?? []), layout]);
  }
  return [...shapes.values()].map((alike) => {
    const segments = alike[0]?.segments ?? [];
    return { segments, layouts: alike, weight: weightOf(segments) };
  });
}

/** The keys of a distribution may look like a row of numbers; only its header tells them apart. */
function isKeyLine(text: string, { end }: Match): boolean {
  return distributionAt(text, end - 1) !== undefined;
}

interface Reading {
  readonly match: Match | 'ambiguous';
  readonly layouts: readonly Layout[];
  readonly weight: number;
}

/**
 * Returns the row that starts here; 'ambiguous' if one starts here but can be cut in several ways.
 * Among the shapes that fit, those with the most fixed text are used, and among these, those that
 * need the fewest unlikely texts.
 */
export function rowAt(
  shapes: readonly Shape[],
  text: string,
  at: number,
): Row | 'ambiguous' | undefined {
  let best: Reading | undefined;
  for (const { segments, layouts, weight } of shapes) {
    if (best && weight < best.weight) continue;
    const match = matchOnce(segments, text, at);
    if (match === undefined || (match !== 'ambiguous' && isKeyLine(text, match))) continue;
    const fitting =
      match === 'ambiguous' ? layouts : layouts.filter((layout) => fits(layout, match));
    if (fitting.length > 0) best = better(best, { match, layouts: fitting, weight });
  }
  if (best === undefined || best.match === 'ambiguous') return best && 'ambiguous';
  return { match: best.match, layouts: best.layouts };
}

function better(best: Reading | undefined, other: Reading): Reading {
  if (best === undefined || other.weight > best.weight) return other;
  const difference = unlikelyOf(best) - unlikelyOf(other);
  if (difference !== 0) return difference > 0 ? other : best;
  const same =
    best.match !== 'ambiguous' &&
    other.match !== 'ambiguous' &&
    isSameMatch(best.match, other.match);
  return {
    match: same ? best.match : 'ambiguous',
    layouts: [...best.layouts, ...other.layouts],
    weight: best.weight,
  };
}

function unlikelyOf({ match }: Reading): number {
  return match === 'ambiguous' ? Number.POSITIVE_INFINITY : match.unlikely;
}

function weightOf(segments: readonly Segment[]): number {
  return segments.reduce(
    (sum, segment) =>
      sum + (segment.kind === 'literal' ? segment.text.replaceAll(/\s/g, '').length : 0),
    0,
  );
}

/** A count is never negative, and a distribution's rows show which functions can't have made it. */
function fits({ values }: Layout, { captures }: Match): boolean {
  return captures.every((capture) => {
    const value = capture.kind === 'key' ? undefined : ownerOf(values, capture.of);
    if (capture.kind === 'number') return !(value?.function === 'count' && capture.value < 0);
    if (capture.kind !== 'distribution' || !value || value.function === '') return true;
    return couldHaveMade(value.function, value.parameters, capture.distribution);
  });
}

/**
 * Returns name and function if all explanations agree: similar aggregations can't be told apart.
 */
export function aggregatesOf({ match, layouts }: Row): readonly Omit<Aggregate, 'printing'>[] {
  const keys = keysOf(match);
  const seen = new Set<number>();
  return match.captures.flatMap((capture): readonly Omit<Aggregate, 'printing'>[] => {
    if (capture.kind === 'key') return [];
    const owners = layouts.map(({ values }) => ownerOf(values, capture.of));
    // `printa("%d %@x", @a)` prints one number twice.
    const which = layouts[0]?.values.length === 1 ? 0 : capture.of;
    if (seen.has(which)) return [];
    seen.add(which);
    const name = agreed(owners.map((owner) => owner?.name ?? ''));
    const known = agreed(owners.map((owner) => owner?.function ?? ''));
    if (capture.kind === 'number') {
      const { value } = capture;
      return [{ name, keys, function: known, bucketFrom: null, bucketTo: null, value }];
    }
    const kind = known === '' ? aggregatingFunctionOf(capture.distribution) : known;
    const step = known === 'lquantize' ? agreedStep(owners) : undefined;
    return bucketsOf(capture.distribution, kind, step).map(({ from, to, count }) => {
      return { name, keys, function: kind, bucketFrom: from, bucketTo: to, value: count };
    });
  });
}

function ownerOf(values: readonly Aggregation[], index: number): Aggregation | undefined {
  return values.length === 1 ? values[0] : values[index];
}

function agreed(texts: readonly string[]): string {
  return texts.every((text) => text === texts[0]) ? (texts[0] ?? '') : '';
}

function agreedStep(owners: readonly (Aggregation | undefined)[]): bigint | undefined {
  const steps = owners.map((owner) => (owner?.parameters.length === 2 ? 1n : owner?.parameters[2]));
  const [step] = steps;
  return steps.every((other) => other === step) ? step : undefined;
}
