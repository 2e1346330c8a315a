import type { seriesChannels } from './series-channels.ts';

/**
 * Layers for a chart of medians: a line for each series, the interval of each median from `low` to
 * `high`, and a point with the words of the field `says`.
 * @param field the field with the medians
 * @param x the x encoding
 * @param y the y encoding for a field
 */
export function medianLayers(
  field: string,
  x: object,
  y: (field: string) => object,
  { color, shape, strokeDash }: ReturnType<typeof seriesChannels>,
): readonly object[] {
  const says = { field: 'says', type: 'nominal' };
  return [
    { mark: { type: 'line', aria: false }, encoding: { x, y: y(field), color, strokeDash } },
    {
      mark: { type: 'rule', style: 'interval', aria: false },
      encoding: { x, y: y('low'), y2: { field: 'high' }, color },
    },
    {
      mark: { type: 'point', filled: true, style: 'median' },
      encoding: { x, y: y(field), color, shape, description: says },
    },
  ];
}
