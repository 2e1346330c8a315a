import { PLAIN } from '../looks.ts';
import { SEGMENT_STYLE } from './styles.ts';

/** Black text is legible on it, and so is white in dark mode. */
const FIELD = '#2a76b4';

/**
 * A matrix whose fields stand out from the paper the more the larger their share. Each row of data has `panel`, `row`, a
 * `share` from 0 to 1 of the total that the caption names, its `label` (empty for none), and
 * `says`.
 */
export function fieldLayers({
  x,
  rows,
  title,
}: {
  readonly x: object;
  /** The rows from top to bottom. */
  readonly rows: readonly string[];
  readonly title: string;
}): readonly object[] {
  const y = {
    field: 'row',
    type: 'ordinal',
    title,
    scale: { domain: [...rows], paddingInner: 0.06, paddingOuter: 0.03 },
    axis: { ticks: false, domain: false, grid: false, labelLimit: 0 },
  };
  const text = { field: 'label', type: 'nominal' };
  return [
    {
      mark: { type: 'rect', style: 'field' },
      encoding: {
        x,
        y,
        color: { value: FIELD },
        fillOpacity: {
          field: 'share',
          type: 'quantitative',
          scale: { domain: [0, 1], range: [0.1, 1] },
          legend: null,
        },
        description: { field: 'says', type: 'nominal' },
      },
    },
    {
      mark: { type: 'text', style: SEGMENT_STYLE, aria: false },
      encoding: { x, y, text, color: { value: PLAIN } },
    },
  ];
}
