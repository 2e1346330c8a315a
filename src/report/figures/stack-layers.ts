import { formatSize } from '../../experiment/sizes.ts';
import { DARK_INK, LIGHT_INK, stateShade } from '../looks.ts';
import { percent, percentFigure } from '../quantities.ts';
import { SEGMENT_STYLE, THRESHOLD_STYLE } from './styles.ts';
import type { Threshold } from './thresholds.ts';

/** A segment of a bar. */
export interface Segment {
  readonly panel: string;
  readonly size: number;
  readonly kind: string;
  /** Share of the bar, from 0 to 1. */
  readonly share: number;
}

/** Smaller segments have no room for a number. */
const LEAST_LABELLED = 0.09;
/** The height of each threshold label above the bars. */
const ROW = 0.09;

/**
 * Puts segments onto each other, so that nothing depends on the order in which a drawing program
 * stacks them.
 * @param segments those of each bar from the bottom to the top
 * @returns each with its ends, from 0 to 1, and with what it says
 */
export function stacked<One extends Segment>(
  segments: readonly One[],
): readonly (One & { readonly from: number; readonly to: number; readonly says: string })[] {
  const reached = new Map<string, number>();
  return segments.map((segment) => {
    const { panel, size, kind, share } = segment;
    const bar = `${size} ${panel}`;
    const from = reached.get(bar) ?? 0;
    const to = Math.min(1, from + share);
    reached.set(bar, to);
    return {
      ...segment,
      from,
      to,
      says: `${panel}, ${formatSize(size)}: ${kind} ${percent(share)}`,
    };
  });
}

/** The colours of segments by the field `kind`. */
export function kindColours(kinds: readonly string[]) {
  return {
    field: 'kind',
    type: 'ordinal',
    title: null,
    scale: { domain: [...kinds], range: kinds.map((kind) => stateShade(kind).colour) },
    sort: null,
  } as const;
}

/**
 * Stacked bars of 100 %, one for each size, whose segments are states of the pipe.
 * @param segments those of each bar in the order of `kinds`, the first at the bottom
 */
export function stackLayers(
  segments: readonly Segment[],
  {
    x,
    title,
    kinds,
    sizes,
    marked,
  }: {
    readonly x: object;
    readonly title: string;
    readonly kinds: readonly string[];
    readonly sizes: readonly number[];
    readonly marked: readonly Threshold[];
  },
) {
  const rows = stacked(segments).map((segment) => ({
    ...segment,
    middle: (segment.from + segment.to) / 2,
    label: segment.share < LEAST_LABELLED ? '' : percentFigure(segment.share),
    ink: stateShade(segment.kind).ink,
  }));
  const rules = marked.flatMap((threshold, row) => {
    const first = sizes.find((size) => size >= threshold.bytes);
    if (first === undefined) return [];
    const reach = 1 + ROW * (marked.length - row);
    const side = sizes.indexOf(first) > sizes.length / 2 ? 'right' : 'left';
    return [{ size: first, label: threshold.label, reach, middle: reach - ROW / 2, side }];
  });
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title,
    scale: { domain: [0, 1 + ROW * marked.length], nice: false },
    axis: { values: [0, 0.25, 0.5, 0.75, 1], labelExpr: 'datum.value * 100', grid: false },
  });
  const color = kindColours(kinds);
  const edge = { ...x, bandPosition: 0 };
  const layers: object[] = [
    {
      mark: { type: 'bar', style: 'stack' },
      encoding: {
        x,
        y: y('from'),
        y2: { field: 'to' },
        color,
        description: { field: 'says', type: 'nominal' },
      },
    },
    // If the text had its own colour channel, the legend of the bars would be lost.
    ...[LIGHT_INK, DARK_INK].map((ink) => ({
      transform: [{ filter: `datum.ink === '${ink}'` }],
      mark: { type: 'text', style: SEGMENT_STYLE, aria: false, color: ink },
      encoding: { x, y: y('middle'), text: { field: 'label', type: 'nominal' } },
    })),
  ];
  if (rules.length > 0) {
    const text = (side: string, mark: object) => ({
      transform: [{ filter: `datum.side === '${side}'` }],
      mark: { type: 'text', style: THRESHOLD_STYLE, baseline: 'middle', ...mark },
      encoding: { x: edge, y: y('middle'), text: { field: 'label', type: 'nominal' } },
    });
    layers.push({
      data: { values: rules },
      layer: [
        {
          mark: { type: 'rule', style: `${THRESHOLD_STYLE}-rule`, aria: false, xOffset: -2 },
          encoding: { x: edge, y: y('reach'), y2: { datum: 0 } },
        },
        text('left', { align: 'left', dx: 2 }),
        text('right', { align: 'right', dx: -5 }),
      ],
    });
  }
  return { rows, layers };
}
