import { SHAPES } from '../render/theme.ts';

/** Dash lengths that suit a thin and a thick line; Vega-Lite has no place for them in a theme. */
const DASHES = ['', '5 2', '1.5 1.5', '7 1.5 1.5 1.5', '3 3', '9 3', '1 3', '5 1 1 1'].map(
  (lengths) => lengths.split(' ').filter(Boolean).map(Number),
);

/**
 * Distinguishes the series of a chart by colour, by shape and by dashes, so that any one of them is
 * enough. The ranges are the theme's.
 * The data need `series` and, for dashes, `dashes`, both the label.
 * @param labels in the order of the legend; a single series needs no legend
 */
export function seriesChannels(labels: readonly string[]) {
  const channel = {
    field: 'series',
    type: 'nominal',
    title: null,
    scale: { domain: [...labels] },
    ...(labels.length === 1 ? { legend: null } : {}),
  } as const;
  // A dashed outline would make the symbols of the legend unlike those of the chart, and a channel
  // without a legend also removes the legend of other channels with the same field.
  const strokeDash = {
    ...channel,
    field: 'dashes',
    legend: null,
    scale: { ...channel.scale, range: DASHES.slice(0, labels.length) },
  } as const;
  // The colours begin anew after as many series as there are shapes: each time with other shapes.
  const several = labels.length > SHAPES.length;
  const shapes = labels.map(
    (_, at) => SHAPES[(at + Math.floor(at / SHAPES.length)) % SHAPES.length],
  );
  const shape = several ? { ...channel, scale: { ...channel.scale, range: shapes } } : channel;
  return { color: channel, shape, strokeDash };
}
