import { buffer } from 'node:stream/consumers';
import type { Figure } from '../figure.ts';
import { fontFile, NO_FONT } from './fonts.ts';
import { notRead, parseSvg, type SvgNode } from './svg-nodes.ts';
import { paintOf, type Style, styleOf } from './svg-style.ts';

type Document = PDFKit.PDFDocument;

/** A fixed date, so that the file is always the same. */
const NO_DATE = new Date(0);
const POINTS_PER_PIXEL = 72 / 96;

/**
 * Makes a page of the picture's size. Text stays text, in embedded fonts.
 * @throws RangeError for an SVG with features that vega does not use for our figures
 */
export async function pdfOf(svg: string, figure: Figure): Promise<Uint8Array> {
  const { default: PdfDocument } = await import('pdfkit');
  const picture = parseSvg(svg);
  const { width, height, box } = sizeOf(picture);
  const document = new PdfDocument({
    size: [width, height],
    margin: 0,
    font: NO_FONT,
    info: { Title: figure.title, Subject: figure.alt, CreationDate: NO_DATE },
  });
  for (const weight of ['normal', 'bold'] as const) document.registerFont(weight, fontFile(weight));
  // Like in SVG: as large as both sides allow, centred.
  const scale = Math.min(width / box.width, height / box.height);
  document.translate((width - scale * box.width) / 2, (height - scale * box.height) / 2);
  document.scale(scale);
  drawChildren(document, picture, styleOf(picture, undefined));
  document.end();
  return buffer(document);
}

function sizeOf({ tag, attributes }: SvgNode) {
  const number = /^(\d+(?:\.\d+)?)(pt)?$/;
  const lengths = ['width', 'height'].map((side) => number.exec(attributes.get(side) ?? ''));
  const box = /^0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)$/.exec(attributes.get('viewBox') ?? '');
  const [width, height] = lengths.map(
    (found) => Number(found?.[1]) * (found?.[2] === 'pt' ? 1 : POINTS_PER_PIXEL),
  );
  if (tag !== 'svg' || !width || !height || !box) throw notRead('the size of the picture');
  return { width, height, box: { width: Number(box[1]), height: Number(box[2]) } };
}

function drawChildren(document: Document, parent: SvgNode, style: Style): void {
  for (const child of parent.children) {
    if (typeof child === 'object') draw(document, child, style);
    else if (child.trim() !== '') throw notRead(`text in ${parent.tag}`);
  }
}

function draw(document: Document, node: SvgNode, inherited: Style): void {
  const style = styleOf(node, inherited);
  if (!style.shown) return;
  document.save();
  transform(document, node.attributes.get('transform') ?? '');
  switch (node.tag) {
    case 'g':
      drawChildren(document, node, style);
      break;
    case 'text':
      drawText(document, node, style);
      break;
    default:
      drawShape(document, node, style);
  }
  document.restore();
}

const STEP = /\s*(translate|rotate|scale)\(([^)]*)\)/y;

function transform(document: Document, text: string): void {
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const [, name, list = ''] = STEP.exec(text) ?? [];
    const [first = Number.NaN, second] = list.split(',').map(Number);
    if (name === 'translate') document.translate(first, second ?? 0);
    else if (name === 'rotate' && second === undefined) document.rotate(first);
    else if (name === 'scale') document.scale(first, second ?? first);
    else throw notRead(`the transformation ${text}`);
  }
}

function drawShape(document: Document, node: SvgNode, style: Style): void {
  const paint = paintOf(style);
  const number = (name: string) => Number(node.attributes.get(name) ?? 0);
  const path = node.attributes.get('d') ?? '';
  if (!paint || (node.tag === 'path' && path === '')) return;
  applyPaint(document, style);
  if (node.tag === 'path') document.path(path);
  else if (node.tag === 'rect') {
    document.rect(number('x'), number('y'), number('width'), number('height'));
  } else if (node.tag === 'line') {
    document.moveTo(number('x1'), number('y1')).lineTo(number('x2'), number('y2'));
  } else throw notRead(`the element ${node.tag}`);
  if (paint === 'both') document.fillAndStroke();
  else if (paint === 'fill') document.fill();
  else document.stroke();
}

function drawText(document: Document, node: SvgNode, style: Style): void {
  const paint = paintOf(style);
  if (!paint) return;
  document.font(style.bold ? 'bold' : 'normal').fontSize(style.fontSize);
  applyPaint(document, style);
  for (const { text, y } of textLines(node)) {
    const width = document.widthOfString(text);
    const x = style.anchor === 'start' ? 0 : style.anchor === 'middle' ? -width / 2 : -width;
    document.text(text, x, y, {
      baseline: 'alphabetic',
      lineBreak: false,
      fill: paint !== 'stroke',
      stroke: paint !== 'fill',
    });
  }
}

/** The lines of a text that are not empty: its own, or one for each `tspan` in it. */
function textLines({
  children,
}: SvgNode): readonly { readonly text: string; readonly y: number }[] {
  let y = 0;
  const lines = children.map((child) => {
    if (typeof child === 'string') return { text: child, y };
    const [text = '', ...more] = child.children;
    const known = [...child.attributes.keys()].every((name) => name === 'x' || name === 'dy');
    if (child.tag !== 'tspan' || typeof text !== 'string' || more.length > 0 || !known) {
      throw notRead('an element in a text');
    }
    y += Number(child.attributes.get('dy') ?? 0);
    return { text, y };
  });
  // Like in SVG.
  return lines
    .map((line) => ({ ...line, text: line.text.replace(/\s+/g, ' ').trim() }))
    .filter(({ text }) => text !== '');
}

function applyPaint(document: Document, style: Style): void {
  if (style.fill) document.fillColor(style.fill);
  if (style.stroke) document.strokeColor(style.stroke);
  document.fillOpacity(style.fillOpacity).strokeOpacity(style.strokeOpacity);
  document.lineWidth(style.strokeWidth).miterLimit(style.miterLimit);
  document.lineCap(style.lineCap).lineJoin(style.lineJoin);
  if (style.dashes.length > 0) (document as unknown as Dashing).dash(style.dashes);
}

/** The types of the library only know a single dash. */
interface Dashing {
  readonly dash: (lengths: readonly number[]) => void;
}
