import type { FlameTree, Frame } from '../../analyse/flame-tree.ts';
import { html, type Markup } from '../html/markup.ts';
import type { BoxStyle } from './colours.ts';

/** How a flame graph is drawn. */
export interface FlameStyle {
  readonly styleOf: (frame: Frame) => BoxStyle;
  /** The sentence that a box says of itself, which names it. */
  readonly words: (frame: Frame) => string;
}

/** The width of the picture if it stands alone; in a page it is as wide as its place. */
const WIDTH = 960;
const ROW = 18;
/** Narrower boxes are not drawn: they would be less than a pixel wide. */
const LEAST_SHARE = 0.001;
/** Narrower boxes have no room for a letter. */
const LEAST_LABELLED = 0.012;

/** The boxes that are drawn. */
export function drawnFrames({ frames, width }: FlameTree): readonly Frame[] {
  return frames.filter((frame) => frame.width >= LEAST_SHARE * width);
}

/**
 * Draws a flame graph as an SVG document: callers below what they call, each as wide as its share.
 * Each box is a picture of its own, which cuts off a name that is too long; positions are shares of
 * the width, so that the graph fits into any place without a script. The same tree and style give
 * the same text.
 */
export function flameSvg(tree: FlameTree, { styleOf, words }: FlameStyle): Markup {
  const height = tree.height * ROW;
  const share = (part: number) => Number(((100 * part) / tree.width).toFixed(4));
  const boxes = drawnFrames(tree).map((frame) => {
    const { fill, mark = '' } = styleOf(frame);
    const y = height - (frame.depth + 1) * ROW;
    const label =
      frame.width >= LEAST_LABELLED * tree.width &&
      html`<text x="4" y="13" fill="#000000">${mark}${frame.name}</text>`;
    return html`<svg class="box-of" x="${share(frame.start)}%" y="${y}" width="${share(frame.width)}%" height="${ROW}" data-depth="${frame.depth}" data-name="${frame.name}"${mark !== '' && html` data-mark="${mark}"`}><title>${words(frame)}</title><rect width="100%" height="${ROW}" fill="${fill}" stroke="#ffffff"/>${label}</svg>
`;
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="11">
${boxes}</svg>`;
}
