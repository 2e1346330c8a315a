/** A chart that is drawn once for each of some groups of its rows, or once. */
export interface Panels {
  /** Values of the field `panel`, in their order. */
  readonly labels: readonly string[];
  /** Of a panel, in pixels of a screen; the least width at which it reads well. */
  readonly width: number;
  readonly height: number;
}

/**
 * @param rows what is drawn, each with its `panel`
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
