import { THRESHOLD_STYLE } from './styles.ts';
import type { Threshold } from './thresholds.ts';

/** The share of a chart's height that each threshold label takes. */
const ROW = 0.085;

/**
 * How far the y axis of a chart that starts at 0 must reach, so that the labels fit above the data.
 */
export function roomAbove(most: number, marked: readonly Threshold[]): number {
  return (most * 1.06) / (1 - ROW * marked.length);
}

/**
 * Rules through a whole chart, without labels, which stand in a chart above it.
 * @param x the x encoding of the chart, with the field `size`
 */
export function thresholdRules(marked: readonly Threshold[], x: object): readonly object[] {
  if (marked.length === 0) return [];
  const data = { values: marked.map(({ bytes }) => ({ size: bytes })) };
  const rule = (mark: object) => ({
    data,
    mark: { type: 'rule', aria: false, ...mark },
    encoding: { x },
  });
  // Rules cross bars of any colour, so they get a white background.
  return [rule({ color: '#ffffff', strokeWidth: 2 }), rule({ style: `${THRESHOLD_STYLE}-rule` })];
}

/**
 * Rules with their labels above the data, each label in a row of its own and beside its rule.
 * @param top where the y axis ends; it starts at 0
 * @param x the x encoding of the chart, with the field `size`
 */
export function thresholdLayers(
  marked: readonly Threshold[],
  {
    range,
    top,
    x,
  }: { readonly range: readonly number[]; readonly top: number; readonly x: object },
) {
  if (marked.length === 0) return [];
  const middle = Math.sqrt(range[0]! * range.at(-1)!) * (range.at(-1)! / range[0]!) ** 0.08;
  // The outermost rules are the tallest, so that none crosses the label of another.
  const left = marked.filter(({ bytes }) => bytes <= middle);
  const right = marked.filter(({ bytes }) => bytes > middle).reverse();
  const values = [...left, ...right].map((threshold, row) => ({
    size: threshold.bytes,
    label: threshold.label,
    reach: top * (1 - ROW * row),
    middle: top * (1 - ROW * (row + 0.5)),
    side: left.includes(threshold) ? 'left' : 'right',
  }));
  const y = (field: string) => ({ field, type: 'quantitative' }) as const;
  const text = (side: string, mark: object) => ({
    transform: [{ filter: `datum.side === '${side}'` }],
    mark: { type: 'text', style: THRESHOLD_STYLE, baseline: 'middle', ...mark },
    encoding: { x, y: y('middle'), text: { field: 'label', type: 'nominal' } },
  });
  return [
    {
      data: { values },
      layer: [
        {
          mark: { type: 'rule', style: `${THRESHOLD_STYLE}-rule`, aria: false },
          encoding: { x, y: y('reach'), y2: { datum: 0 } },
        },
        // A label can extend across the rule of another, so it gets a white background.
        ...[{ stroke: '#ffffff', strokeWidth: 4, aria: false }, {}].flatMap((mark) => [
          text('left', { align: 'left', dx: 3, ...mark }),
          text('right', { align: 'right', dx: -3, ...mark }),
        ]),
      ],
    },
  ];
}
