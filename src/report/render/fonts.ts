import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** First the font that all measures come from; then whatever stands in for it. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

export type FontWeight = 'normal' | 'bold';

const FILES = { normal: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' } as const;

/** No font of the system's: the same picture everywhere. */
export function fontFile(weight: FontWeight): Buffer {
  return readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${FILES[weight]}`));
}
