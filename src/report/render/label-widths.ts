import type { TopLevelSpec } from 'vega-lite';
import { greatest } from '../../extremes.ts';
import { SIZES_STYLE } from '../figures/styles.ts';
import type { Measure } from './measure.ts';
import type { LabelFit, Theme } from './theme.ts';

/** Items that need room beside each other in a chart. */
export interface ChartLabels {
  /** Labels of sizes on the x axis, in order; of several charts, those that are the closest. */
  readonly sizes: readonly PlacedLabel[];
  /** The number of bands on the x axis, whatever they stand for; 0 for an axis without bands. */
  readonly bands: number;
  /** Labels left of the chart, if they are names; none for numbers. */
  readonly rows: readonly string[];
  /** Labels of the legend; none without a legend. */
  readonly legend: readonly string[];
}

/** A label of an axis, with its place from 0, where the axis begins, to 1. */
export interface PlacedLabel {
  readonly text: string;
  readonly at: number;
}

interface Channel {
  readonly type?: string;
  readonly scale?: { readonly domain?: unknown };
  readonly axis?: {
    readonly style?: unknown;
    readonly labelExpr?: string;
    readonly values?: readonly number[];
  };
  readonly legend?: unknown;
}

/** Reads the labels of the axes and the legend from a spec. */
export function chartLabels(spec: TopLevelSpec): ChartLabels {
  const found = { rows: new Set<string>(), legend: new Set<string>() };
  let sizes: readonly PlacedLabel[] = [];
  let bands = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { encoding, data, ...rest } = node as Record<string, unknown>;
    const { x, y, color } = (encoding ?? {}) as Readonly<Record<string, Channel>>;
    if (x?.axis?.style === SIZES_STYLE) {
      const own = placedLabels(x);
      if (own.length > sizes.length) sizes = own;
    }
    if (x?.type === 'ordinal') bands = Math.max(bands, domainOf(x).length);
    if (y?.type === 'ordinal') addAll(found.rows, domainOf(y));
    if (color && color.legend !== null) addAll(found.legend, domainOf(color));
    for (const value of Object.values(rest)) visit(value);
  };
  visit(spec);
  return { sizes, bands, rows: [...found.rows], legend: [...found.legend] };
}

function domainOf({ type, scale }: Channel): readonly string[] {
  const named = type === 'ordinal' || type === 'nominal';
  return named && Array.isArray(scale?.domain) ? scale.domain.map(String) : [];
}

function addAll(set: Set<string>, values: readonly string[]): void {
  for (const value of values) set.add(value);
}

/** Reads the labels of an axis of sizes, and where they stand. */
function placedLabels({ axis, scale, type }: Channel): readonly PlacedLabel[] {
  const values = axis?.values ?? [];
  const object = /^\((\{.*\})\)/.exec(axis?.labelExpr ?? '')?.[1] ?? '{}';
  const texts = JSON.parse(object) as Readonly<Record<string, string>>;
  const [from = 1, to = 1] = (scale?.domain ?? []) as readonly number[];
  return values.map((value, at) => ({
    text: texts[String(value)] ?? '',
    at:
      type === 'ordinal'
        ? (at + 0.5) / values.length
        : Math.log(value / from) / Math.log(to / from),
  }));
}

export interface DrawingSetting {
  readonly theme: Theme;
  readonly measure: Measure;
}

/** The width of the widest label, in the theme's unit. */
export function widest(labels: readonly string[], { theme, measure }: DrawingSetting): number {
  return greatest(
    labels.map((text) => measure(text, theme.fontSize, 'normal')),
    0,
  );
}

/**
 * Number of columns for a legend whose entries stand side by side, so that none is cut off.
 * @param width the available width
 */
export function legendColumns(
  labels: readonly string[],
  width: number,
  setting: DrawingSetting,
): number {
  // The symbol, its distance from the label, and that from the next column.
  const entry = widest(labels, setting) + setting.theme.scale * 36;
  return Math.max(1, Math.min(labels.length, Math.floor(width / entry)));
}

/**
 * Finds how the labels of an axis fit beside each other.
 * @param width of the axis
 * @param beside the distance to the next chart, if there is one
 */
export function labelFit(
  labels: readonly PlacedLabel[],
  { width, beside }: { readonly width: number; readonly beside: number | undefined },
  setting: DrawingSetting,
): LabelFit {
  const { fontSize } = setting.theme;
  const next =
    beside === undefined
      ? []
      : labels.slice(0, 1).map(({ text, at }) => ({ text, at: at + 1 + beside / width }));
  const all = [...labels, ...next];
  const gap = fontSize * 0.6;
  const halves = all.map(({ text }) => widest([text], setting) / 2);
  const room = all.slice(1).map(({ at }, place) => (at - all[place]!.at) * width);
  if (room.every((own, at) => halves[at]! + halves[at + 1]! + gap <= own)) {
    return { angle: 0, allFit: true };
  }
  const least = room.reduce((a, b) => Math.min(a, b), Infinity);
  return { angle: least >= fontSize * 1.7 ? -45 : -90, allFit: least >= fontSize * 1.25 };
}

/** Breaks a text between words into lines that are not wider than `width`, as far as words allow. */
export function linesOf(
  text: string,
  width: number,
  widthOf: (text: string) => number,
): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
