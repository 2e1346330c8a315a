import type { TopLevelSpec } from 'vega-lite';

/** A chart that is drawn once for each group of its rows, or only once. */
export interface Panels {
  /** The values of the field `panel`, in order. */
  readonly labels: readonly string[];
  /** The width of a panel in screen pixels; the smallest at which it is readable. */
  readonly width: number;
  readonly height: number;
}

/**
 * Builds a chart of panels.
 * @param rows the data, each row with its `panel`
 * @param layer drawn in every panel
 */
export function panelled(
  rows: readonly { readonly panel: string }[],
  layer: readonly object[],
  { labels, width, height }: Panels,
) {
  const data = { values: rows };
  if (labels.length === 1) return { data, height, layer };
  return {
    data,
    facet: { field: 'panel', type: 'nominal', sort: [...labels], title: null },
    columns: labels.length,
    spec: { width, height, layer },
  };
}

/** Puts charts below each other, with one width and one legend; each has its height. */
export function belowEachOther(charts: readonly object[]): TopLevelSpec {
  return { vconcat: charts, resolve: { scale: { color: 'shared' } } } as unknown as TopLevelSpec;
}
