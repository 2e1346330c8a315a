import { type FontWeight, fontFile, NO_FONT } from './fonts.ts';

/** Returns the width of a text in a font size, both in the same unit. */
export type Measure = (text: string, size: number, weight: FontWeight) => number;

let loaded: Promise<Measure> | undefined;

/** Measures texts in the font of the figures: without a canvas, vega would only guess. */
export function textMeasure(): Promise<Measure> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Measure> {
  const { default: PdfDocument } = await import('pdfkit');
  const document = new PdfDocument({ autoFirstPage: false, font: NO_FONT });
  for (const weight of ['normal', 'bold'] as const) document.registerFont(weight, fontFile(weight));
  const known = new Map<string, number>();
  return (text, size, weight) => {
    const key = `${weight} ${text}`;
    const width = known.get(key) ?? document.font(weight).fontSize(1).widthOfString(text);
    known.set(key, width);
    return width * size;
  };
}
