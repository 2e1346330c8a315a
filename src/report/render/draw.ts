import type { TopLevelSpec } from 'vega-lite';
import { textMeasure } from './measure.ts';

/** The properties needed of a text; vega's items have more. */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

/** Vega's own object of that name, which is missing from its types. */
interface TextMetrics {
  width: (item: TextItem, text: unknown) => number;
}

/** Loads vega only when something is drawn, so that other commands start without it. */
async function loadVega() {
  const [vega, vegaLite, measure] = await Promise.all([
    import('vega'),
    import('vega-lite'),
    textMeasure(),
  ]);
  const bold = (weight: string | number = 'normal') => weight === 'bold' || Number(weight) >= 600;
  const { textMetrics } = vega as unknown as Record<'textMetrics', TextMetrics>;
  textMetrics.width = (item: TextItem, text: unknown) =>
    measure(String(text ?? ''), item.fontSize ?? 11, bold(item.fontWeight) ? 'bold' : 'normal');
  return { vega, vegaLite };
}

/** Draws a spec with vega, without a DOM. */
export async function drawSpec(
  spec: TopLevelSpec,
  { name, unit }: { readonly name: string; readonly unit: 'px' | 'pt' },
): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const { spec: compiled } = vegaLite.compile(spec);
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    vega.resetSVGDefIds();
    return withUnit(prefixIds(wellFormed(await view.toSVG()), name), unit);
  } finally {
    view.finalize();
  }
}

/** Replaces characters that XML does not allow, not even escaped. */
function wellFormed(svg: string): string {
  return svg.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}

/** Makes ids unique, because several figures can be in one document. */
function prefixIds(svg: string, name: string): string {
  return svg
    .replace(/ id="([^"]+)"/g, ` id="${name}-$1"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${name}-$1)`);
}

/** Adds a unit to the size of the picture: a length without a unit is in pixels. */
function withUnit(svg: string, unit: 'px' | 'pt'): string {
  if (unit === 'px') return svg;
  return svg.replace(/ (width|height)="([\d.]+)"/g, (whole, side, length, at) =>
    at < svg.indexOf('>') ? ` ${side}="${length}${unit}"` : whole,
  );
}
