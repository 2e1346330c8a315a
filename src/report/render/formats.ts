import type { Figure } from '../figure.ts';
import { pdfOf } from './pdf.ts';
import { pngOf } from './png.ts';
import { columnWidth, type ThemeName } from './theme.ts';

export const FIGURE_FORMATS = ['svg', 'png', 'pdf'] as const;
export type FigureFormat = (typeof FIGURE_FORMATS)[number];

const SCREEN_WIDTHS = { 1: 480, 2: 800 } as const;
/** Output pixels per pixel of the picture: for high-resolution screens, and 300 dpi in print. */
const ZOOM: Readonly<Record<ThemeName, number>> = { screen: 2, print: 300 / 96 };

/** The width in the theme's unit. */
export function widthOf(theme: ThemeName, columns: 1 | 2): number {
  return theme === 'screen' ? SCREEN_WIDTHS[columns] : columnWidth(columns);
}

/** @param svg the figure, drawn for the theme */
export async function inFormat(
  format: FigureFormat,
  svg: string,
  { figure, theme }: { readonly figure: Figure; readonly theme: ThemeName },
): Promise<string | Uint8Array> {
  switch (format) {
    case 'svg':
      return `${svg}\n`;
    case 'png':
      return pngOf(svg, ZOOM[theme]);
    case 'pdf':
      return pdfOf(svg, figure);
  }
}
