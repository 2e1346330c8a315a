import { bandwidthOnLine } from '../../analyse/curve-fit.ts';
import type { Curve } from '../../analyse/curves.ts';
import { MIB } from '../../rounding.ts';
import { roundedSize } from '../curve-words.ts';
import type { Threshold } from './thresholds.ts';

/** A fitted curve, with the name of its series in a chart. */
export interface DrawnCurve {
  readonly series: string;
  readonly curve: Curve;
}

/** The most labelled rules above a chart that still leave enough room for it. */
const MOST_RULES = 5;

/**
 * Sizes of the system together with those at which curves bend, as far as there is room; ascending.
 */
export function withBends(
  marked: readonly Threshold[],
  drawn: readonly DrawnCurve[],
): readonly Threshold[] {
  const bends = drawn.flatMap(({ series, curve: { fit } }) => {
    const bytes = fit.line.bend?.at;
    const label = drawn.length > 1 ? `${series} bends` : 'bend';
    return bytes === undefined ? [] : [{ bytes, label: `${label} ${roundedSize(bytes)}` }];
  });
  if (marked.length + bends.length > MOST_RULES) return marked;
  return [...marked, ...bends].sort((a, b) => a.bytes - b.bytes);
}

/** Number of points of a line between two neighbouring sizes. */
const STEPS = 12;

interface LinePoint {
  readonly series: string;
  /** Distinguishes the lines of one series, for example if hosts share its cells. */
  readonly line: number;
  readonly size: number;
  readonly value: number;
}

/** Points of the lines over the sizes to which they are fitted; MiB/s. */
export function linePoints(drawn: readonly DrawnCurve[]): readonly LinePoint[] {
  return drawn.flatMap(({ series, curve: { cells, fit } }, line) => {
    const sizes = cells.slice(0, fit.used).map(({ cell }) => cell.buffer_bytes);
    const bend = fit.line.bend?.at;
    const between = sizes.flatMap((from, at) => {
      const to = sizes[at + 1];
      if (to === undefined) return [from];
      return Array.from({ length: STEPS }, (_, step) => from * (to / from) ** (step / STEPS));
    });
    const all = [...between, ...(bend === undefined ? [] : [bend])].sort((a, b) => a - b);
    return all.map((size) => ({
      series,
      line,
      size,
      value: bandwidthOnLine(fit.line, size) / MIB,
    }));
  });
}

/**
 * Layers below the medians: each line, and where it bends, a band over the interval and a rule.
 * @param range the range of the x axis, up to which a band with an open end is drawn
 * @param x the x encoding of the chart, with the field `size`
 * @param y the y encoding for a field
 */
export function curveLayers(
  drawn: readonly DrawnCurve[],
  {
    range,
    x,
    y,
    color,
  }: {
    readonly range: readonly number[];
    readonly x: object;
    readonly y: (field: string) => object;
    readonly color: object;
  },
): readonly object[] {
  const bends = drawn.flatMap(({ series, curve: { fit } }) => {
    const bend = fit.hockney?.bend;
    if (!bend) return [];
    const { low = range[0]!, high = range.at(-1)! } = bend.interval;
    const height = bandwidthOnLine(fit.line, bend.at) / MIB;
    return [{ series, size: low, high, at: bend.at, height, bottom: 0 }];
  });
  if (drawn.length === 0) return [];
  return [
    {
      data: { values: bends },
      mark: { type: 'rect', style: 'bend', aria: false },
      encoding: { x, x2: { field: 'high' }, y: y('bottom'), y2: { field: 'height' }, color },
    },
    {
      data: { values: bends.map((bend) => ({ ...bend, size: bend.at })) },
      mark: { type: 'rule', style: 'bend-rule', aria: false },
      encoding: { x, y: y('bottom'), y2: { field: 'height' }, color },
    },
    {
      data: { values: linePoints(drawn) },
      mark: { type: 'line', style: 'fit', aria: false },
      encoding: { x, y: y('value'), color, detail: { field: 'line', type: 'nominal' } },
    },
  ];
}
