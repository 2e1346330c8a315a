import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../figure.ts';
import { crowdOf, labelAngle, legendColumns, type Setting, widest } from './crowding.ts';
import { configOf, type Theme } from './theme.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** Of the width of a chart, what a y axis of numbers takes, in pixels of a screen. */
const NUMBERS = 58;
/** Beside names on a y axis: its title and the distances. */
const BESIDE_NAMES = 40;
const PANEL_SPACING = 16;

/** A chart of panels, whose sizes are those of a screen until a theme is known. */
interface Facets {
  readonly columns: number;
  readonly facet: { readonly sort: readonly string[] };
  readonly spec: { readonly width: number; readonly height: number };
}

/** A figure's spec with everything that decides how it looks, so that any Vega-Lite draws it alike. */
export function themedSpec(
  figure: Figure,
  setting: Setting & { readonly titled: boolean },
): TopLevelSpec {
  const { theme, titled } = setting;
  const { sizes, bands, rows, legend } = crowdOf(figure.spec);
  const left =
    rows.length === 0 ? NUMBERS * theme.scale : widest(rows, setting) + BESIDE_NAMES * theme.scale;
  const width = theme.width - left;
  const facets = 'facet' in figure.spec ? (figure.spec as unknown as Facets) : undefined;
  const panels = facets && panelsWithin(facets, width, setting);
  const room = panels?.spec.width ?? width;
  const { height } = figure.spec as { height?: number };
  return {
    $schema: SCHEMA,
    description: figure.alt,
    ...titleOf(figure, titled),
    ...figure.spec,
    ...(panels ?? {
      width: theme.width,
      height: height ? height * theme.scale : Math.round(plainHeight(theme)),
      autosize: { type: 'fit-x', contains: 'padding' },
    }),
    config: configOf(theme, {
      angle: labelAngle(sizes, room / Math.max(1, sizes.length), setting),
      legendColumns: legendColumns(legend, width, setting),
      segmentRoom: room / Math.max(1, bands),
    }),
  } as TopLevelSpec;
}

function titleOf({ title, subtitle }: Figure, titled: boolean) {
  if (titled) return { title: subtitle === undefined ? title : { text: title, subtitle } };
  if (subtitle === undefined) return {};
  return { title: { text: subtitle, fontWeight: 'normal' } };
}

function plainHeight({ scale, width }: Theme): number {
  return Math.min(320 * scale, width * 0.55);
}

/** So many columns of panels as can be read beside each other, in rows as even as they can be. */
function panelsWithin({ columns, facet, spec }: Facets, width: number, setting: Setting) {
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
 * A chart of panels with panels that are so much wider or narrower together; others fit themselves.
 * @param drawn the width that it had
 */
export function refitted(spec: TopLevelSpec, drawn: number, { width }: Theme): TopLevelSpec {
  if (!('facet' in spec)) return spec;
  const { columns = 1, spec: panel } = spec as unknown as Facets;
  const change = (width - drawn) / columns;
  return {
    ...spec,
    spec: { ...panel, width: Math.max(20, panel.width + change) },
  } as unknown as TopLevelSpec;
}
