import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../figure.ts';
import {
  chartLabels,
  type DrawingSetting,
  labelFit,
  legendColumns,
  linesOf,
  widest,
} from './label-widths.ts';
import { configOf, LARGER, type Theme } from './theme.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** The part of a chart's width that a y axis of numbers takes, in screen pixels. */
const NUMBERS = 58;
/** The room beside names on a y axis: its title and the distances. */
const BESIDE_NAMES = 40;
const PANEL_SPACING = 16;

/** A chart of panels, whose sizes are in screen pixels until a theme is chosen. */
interface Facets {
  readonly columns: number;
  readonly facet: { readonly sort: readonly string[] };
  readonly spec: { readonly width: number; readonly height: number };
}

/** Charts below each other, whose heights are in screen pixels until then. */
interface Stack {
  readonly vconcat: readonly { readonly width?: number; readonly height: number }[];
}

/**
 * A figure's spec with everything about its appearance, so that any Vega-Lite draws it the same.
 */
export function themedSpec(
  figure: Figure,
  setting: DrawingSetting & { readonly titled: boolean },
): TopLevelSpec {
  const { theme } = setting;
  const { sizes, bands, rows, legend } = chartLabels(figure.spec);
  const left =
    rows.length === 0 ? NUMBERS * theme.scale : widest(rows, setting) + BESIDE_NAMES * theme.scale;
  const width = theme.width - left;
  const panels = panelsOf(figure.spec, width, setting);
  const facets = panels && 'spec' in panels ? panels : undefined;
  const room = facets?.spec.width ?? width;
  const { height } = figure.spec as { height?: number };
  return {
    $schema: SCHEMA,
    description: figure.alt,
    ...titleOf(figure, width, setting),
    ...figure.spec,
    ...(panels ?? {
      width: theme.width,
      height: height ? height * theme.scale : Math.round(plainHeight(theme)),
      autosize: { type: 'fit-x', contains: 'padding' },
    }),
    config: configOf(theme, {
      labels: labelFit(sizes, { width: room, beside: facets?.spacing }, setting),
      legendColumns: legendColumns(legend, width, setting),
      segmentRoom: room / Math.max(1, bands),
    }),
  } as TopLevelSpec;
}

/** The panels or the stack of a spec, fitted into a width; undefined for a single chart. */
function panelsOf(spec: TopLevelSpec, width: number, setting: DrawingSetting) {
  if ('facet' in spec) return panelsWithin(spec as unknown as Facets, width, setting);
  if ('vconcat' in spec) return stackWithin(spec as unknown as Stack, width, setting);
  return undefined;
}

function stackWithin({ vconcat }: Stack, width: number, { theme: { scale } }: DrawingSetting) {
  const charts = vconcat.map((chart) => ({
    ...chart,
    width,
    height: Math.round(chart.height * scale),
  }));
  return { spacing: PANEL_SPACING * scale, vconcat: charts };
}

function titleOf(
  { title, subtitle = '' }: Figure,
  width: number,
  { theme: { fontSize }, measure, titled }: DrawingSetting & { readonly titled: boolean },
) {
  const below = linesOf(subtitle, width, (text) => measure(text, fontSize, 'normal'));
  const above = linesOf(title, width, (text) => measure(text, fontSize * LARGER, 'bold'));
  if (titled) return { title: { text: above, ...(subtitle === '' ? {} : { subtitle: below }) } };
  return subtitle === '' ? {} : { title: { text: below, fontSize, fontWeight: 'normal' } };
}

function plainHeight({ scale, width }: Theme): number {
  return Math.min(320 * scale, width * 0.55);
}

/**
 * Fits as many columns of panels as are readable beside each other, in rows as even as possible.
 */
function panelsWithin({ columns, facet, spec }: Facets, width: number, setting: DrawingSetting) {
  const { scale } = setting.theme;
  const spacing = PANEL_SPACING * scale;
  const least = Math.max(spec.width * scale, widest(facet.sort, setting));
  const fitting = Math.floor((width + spacing) / (least + spacing));
  const rows = Math.ceil(columns / Math.max(1, fitting));
  const beside = Math.ceil(columns / rows);
  const own = (width - spacing * (beside - 1)) / beside;
  return {
    columns: beside,
    spacing,
    spec: { ...spec, width: Math.floor(own), height: Math.round(spec.height * scale) },
  };
}

/**
 * Widens or narrows the panels of a chart so that together they have the theme's width; other
 * charts fit by themselves.
 * @param drawn the width that it had
 */
export function fitPanels(spec: TopLevelSpec, drawn: number, { width }: Theme): TopLevelSpec {
  const change = width - drawn;
  if ('facet' in spec) {
    const { columns, spec: panel } = spec as unknown as Facets;
    return { ...spec, spec: widened(panel, change / columns) } as TopLevelSpec;
  }
  if ('vconcat' in spec) {
    const charts = (spec as unknown as Stack).vconcat.map((chart) => widened(chart, change));
    return { ...spec, vconcat: charts } as TopLevelSpec;
  }
  return spec;
}

function widened<Chart extends { readonly width?: number }>(chart: Chart, by: number): Chart {
  return { ...chart, width: Math.max(20, (chart.width ?? 0) + by) };
}
