import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../figure.ts';
import { drawSpec } from './draw.ts';
import { textMeasure } from './measure.ts';
import { type ThemeName, themeOf } from './theme.ts';
import { fitPanels, themedSpec } from './themed.ts';

export interface SvgOptions {
  /** Width in the theme's unit: pixels for `screen`, points for `print`. */
  readonly width?: number;
  /** Whether the figure's title is drawn above it; otherwise the surroundings have to show it. */
  readonly titled?: boolean;
}

export interface Drawing {
  readonly svg: string;
  /** The spec that was drawn: any Vega-Lite makes the same picture from it. */
  readonly spec: TopLevelSpec;
}

/** Draws a figure. The same figure and options always give the same text. */
export async function renderSvg(
  figure: Figure,
  theme: ThemeName,
  options: SvgOptions = {},
): Promise<string> {
  return (await drawFigure(figure, theme, options)).svg;
}

/** Works like {@link renderSvg}, and also returns the spec from which it was drawn. */
export async function drawFigure(
  figure: Figure,
  themeName: ThemeName,
  { width, titled = false }: SvgOptions = {},
): Promise<Drawing> {
  const theme = themeOf(themeName, width);
  const first = themedSpec(figure, { theme, titled, measure: await textMeasure() });
  const draw = (spec: TopLevelSpec) => drawSpec(spec, { name: figure.name, unit: theme.unit });
  if (!('facet' in first || 'vconcat' in first)) return { svg: await draw(first), spec: first };
  // The room that the axes take is only known after drawing them.
  const trial = await draw(first);
  const spec = fitPanels(first, widthOf(trial), theme);
  return { svg: await draw(spec), spec };
}

function widthOf(svg: string): number {
  return Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1]);
}
