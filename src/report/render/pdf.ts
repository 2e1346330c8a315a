import { buffer } from 'node:stream/consumers';
import type { Figure } from '../figure.ts';
import { fontFile } from './fonts.ts';

/** The same file whenever it is made. */
const NO_DATE = new Date(0);
const POINTS_PER_PIXEL = 72 / 96;

/** A page of the picture's size; its fonts are embedded. */
export async function pdfOf(svg: string, figure: Figure): Promise<Uint8Array> {
  const [{ default: PdfDocument }, { default: draw }] = await Promise.all([
    import('pdfkit'),
    import('svg-to-pdfkit'),
  ]);
  const { width, height } = sizeOf(svg);
  const document = new PdfDocument({
    size: [width, height],
    margin: 0,
    info: { Title: figure.title, Subject: figure.alt, CreationDate: NO_DATE },
  });
  for (const weight of ['normal', 'bold'] as const) document.registerFont(weight, fontFile(weight));
  draw(document, svg, 0, 0, {
    width,
    height,
    fontCallback: (_, bold) => (bold ? 'bold' : 'normal'),
  });
  document.end();
  return buffer(document);
}

/** In points. */
function sizeOf(svg: string): { readonly width: number; readonly height: number } {
  const [, width, unit, height] = /width="([\d.]+)(pt)?" height="([\d.]+)/.exec(svg) ?? [];
  const scale = unit === 'pt' ? 1 : POINTS_PER_PIXEL;
  return { width: Number(width) * scale, height: Number(height) * scale };
}
