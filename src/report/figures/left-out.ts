import type { Figure } from '../figure.ts';

/**
 * The subtitle of a figure that does not draw everything, so that the picture says so by itself.
 * @param words what is drawn, or what is not; nothing where that is everything
 */
export function leftOut(words: readonly string[]): Pick<Figure, 'subtitle'> {
  return words.length === 0 ? {} : { subtitle: words.join('; ') };
}
