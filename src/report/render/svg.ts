import type { Figure } from '../figure.ts';
import { drawSpec } from './draw.ts';
import { textMeasure } from './measure.ts';
import { type ThemeName, themeOf } from './theme.ts';
import { themedSpec } from './themed.ts';

export interface SvgOptions {
  /** In the theme's unit: pixels for `screen`, points for `print`. */
  readonly width?: number;
  /** With the figure's title above it; otherwise whatever surrounds it has to show that. */
  readonly titled?: boolean;
}

/** Draws a figure. The same figure and options give the same text. */
export async function renderSvg(
  figure: Figure,
  theme: ThemeName,
  { width, titled = false }: SvgOptions = {},
): Promise<string> {
  const own = themeOf(theme, width);
  const spec = themedSpec(figure, { theme: own, titled, measure: await textMeasure() });
  return drawSpec(spec, figure, own.unit);
}
