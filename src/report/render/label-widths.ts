import type { TopLevelSpec } from 'vega-lite';
import { greatest } from '../../extremes.ts';
import { SIZES_STYLE } from '../figures/styles.ts';
import type { Measure } from './measure.ts';
import type { Theme } from './theme.ts';

/** Items that need room beside each other in a chart. */
export interface Crowd {
  /** Labels of sizes on the x axis, in order. */
  readonly sizes: readonly string[];
  /** The number of bands on the x axis, whatever they stand for; 0 for an axis without bands. */
  readonly bands: number;
  /** Labels left of the chart, if they are names; none for numbers. */
  readonly rows: readonly string[];
  /** Labels of the legend; none without a legend. */
  readonly legend: readonly string[];
}

interface Channel {
  readonly type?: string;
  readonly scale?: { readonly domain?: unknown };
  readonly axis?: { readonly style?: unknown; readonly labelExpr?: string };
  readonly legend?: unknown;
}

/** Reads the labels of the axes and the legend from a spec. */
export function crowdOf(spec: TopLevelSpec): Crowd {
  const found = { sizes: new Set<string>(), rows: new Set<string>(), legend: new Set<string>() };
  let bands = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { encoding, data, ...rest } = node as Record<string, unknown>;
    const { x, y, color } = (encoding ?? {}) as Readonly<Record<string, Channel>>;
    if (x?.axis?.style === SIZES_STYLE) addAll(found.sizes, labelsIn(x.axis.labelExpr ?? ''));
    if (x?.type === 'ordinal') bands = Math.max(bands, domainOf(x).length);
    if (y?.type === 'ordinal') addAll(found.rows, domainOf(y));
    if (color && color.legend !== null) addAll(found.legend, domainOf(color));
    for (const value of Object.values(rest)) visit(value);
  };
  visit(spec);
  return { sizes: [...found.sizes], bands, rows: [...found.rows], legend: [...found.legend] };
}

function domainOf({ type, scale }: Channel): readonly string[] {
  const named = type === 'ordinal' || type === 'nominal';
  return named && Array.isArray(scale?.domain) ? scale.domain.map(String) : [];
}

function addAll(set: Set<string>, values: readonly string[]): void {
  for (const value of values) set.add(value);
}

/** The labels in an expression that looks them up in an object. */
function labelsIn(expression: string): readonly string[] {
  const object = /^\((\{.*\})\)/.exec(expression)?.[1];
  return object === undefined ? [] : Object.values(JSON.parse(object) as Record<string, string>);
}

export interface Setting {
  readonly theme: Theme;
  readonly measure: Measure;
}

/** The width of the widest label, in the theme's unit. */
export function widest(labels: readonly string[], { theme, measure }: Setting): number {
  return greatest(
    labels.map((text) => measure(text, theme.fontSize, 'normal')),
    0,
  );
}

/**
 * Number of columns for a legend whose entries stand side by side, so that none is cut off.
 * @param width the available width
 */
export function legendColumns(labels: readonly string[], width: number, setting: Setting): number {
  // The symbol, its distance from the label, and that from the next column.
  const entry = widest(labels, setting) + setting.theme.scale * 36;
  return Math.max(1, Math.min(labels.length, Math.floor(width / entry)));
}

/**
 * The angle in degrees by which the labels of an axis must be turned to fit beside each other: 0,
 * -45 or -90.
 * @param room the room for each tick
 */
export function labelAngle(
  labels: readonly string[],
  room: number,
  setting: Setting,
): 0 | -45 | -90 {
  const { fontSize } = setting.theme;
  if (widest(labels, setting) + fontSize * 0.6 <= room) return 0;
  return room >= fontSize * 1.9 ? -45 : -90;
}
