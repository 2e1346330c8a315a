import { type Look, seriesLooks } from '../looks.ts';

/**
 * Distinguishes the series of a chart by colour, by shape and by dashes, so that any one of them is
 * enough. The data need `series` and, for dashes, `dashes`, both the label.
 * @param labels in the order of the legend; a single series needs no legend
 * @param looks one for each label
 */
export function seriesChannels(
  labels: readonly string[],
  looks: readonly Look[] = seriesLooks(labels),
) {
  const channel = <Value>(field: string, range: readonly Value[]) => ({
    field,
    type: 'nominal' as const,
    title: null,
    scale: { domain: [...labels], range: [...range] },
    ...(labels.length === 1 ? { legend: null } : {}),
  });
  return {
    color: channel(
      'series',
      looks.map(({ colour }) => colour),
    ),
    shape: channel(
      'series',
      looks.map(({ shape }) => shape),
    ),
    // A dashed outline would make the symbols of the legend unlike those of the chart, and a channel
    // without a legend also removes the legend of other channels with the same field.
    strokeDash: {
      ...channel(
        'dashes',
        looks.map(({ dashes }) => dashes),
      ),
      legend: null,
    },
  };
}
