import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** First the font that is used for all measurements; then fonts that can replace it. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

/** Keeps pdfkit from reading a font of its own before it is given one of ours. */
export const NO_FONT = '';

export type FontWeight = 'normal' | 'bold';

const FILES = { normal: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' } as const;

/** Fonts of the system are not used, so that the picture is the same everywhere. */
export function fontFile(weight: FontWeight): Buffer {
  return readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${FILES[weight]}`));
}
