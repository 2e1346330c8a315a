import { notRead, type SvgNode } from './svg-nodes.ts';

/** How an element is drawn. Colours are `#rrggbb`; undefined means none. */
export interface Style {
  readonly shown: boolean;
  readonly fill: string | undefined;
  readonly stroke: string | undefined;
  readonly fillOpacity: number;
  readonly strokeOpacity: number;
  readonly strokeWidth: number;
  readonly miterLimit: number;
  readonly lineCap: string;
  readonly lineJoin: string;
  readonly dashes: readonly number[];
  readonly fontSize: number;
  readonly bold: boolean;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** The initial style in SVG. */
const INITIAL: Style = {
  shown: true,
  fill: '#000000',
  stroke: undefined,
  fillOpacity: 1,
  strokeOpacity: 1,
  strokeWidth: 1,
  miterLimit: 4,
  lineCap: 'butt',
  lineJoin: 'miter',
  dashes: [],
  fontSize: 16,
  bold: false,
  anchor: 'start',
};

/**
 * Attributes that are not style: they are for readers of the picture, or for the element itself.
 */
const NOT_OF_STYLE = new Set([
  ...['class', 'role', 'aria-hidden', 'aria-label', 'aria-roledescription', 'pointer-events'],
  ...['xmlns', 'xmlns:xlink', 'version', 'viewBox', 'width', 'height', 'transform', 'font-family'],
  ...['d', 'x', 'y', 'x1', 'y1', 'x2', 'y2'],
]);

const ANCHORS = ['start', 'middle', 'end'] as const;

type Change = Partial<Style>;
const READERS: Readonly<Record<string, (value: string, style: Style) => Change>> = {
  display: (value) => ({ shown: value !== 'none' }),
  fill: (value) => ({ fill: colour(value) }),
  stroke: (value) => ({ stroke: colour(value) }),
  'fill-opacity': (value, style) => ({ fillOpacity: style.fillOpacity * number(value) }),
  'stroke-opacity': (value, style) => ({ strokeOpacity: style.strokeOpacity * number(value) }),
  opacity: (value, { fillOpacity, strokeOpacity }) => ({
    fillOpacity: fillOpacity * number(value),
    strokeOpacity: strokeOpacity * number(value),
  }),
  'stroke-width': (value) => ({ strokeWidth: number(value) }),
  'stroke-miterlimit': (value) => ({ miterLimit: number(value) }),
  'stroke-linecap': (value) => ({ lineCap: value }),
  'stroke-linejoin': (value) => ({ lineJoin: value }),
  'stroke-dasharray': (value) => ({ dashes: value === '' ? [] : value.split(',').map(number) }),
  'font-size': (value) => ({ fontSize: number(value.replace(/px$/, '')) }),
  'font-weight': (value) => ({ bold: value === 'bold' || Number(value) >= 600 }),
  'text-anchor': (value) => {
    const anchor = ANCHORS.find((known) => known === value);
    if (!anchor) throw notRead(`the anchor ${value}`);
    return { anchor };
  },
};

/** @throws RangeError for an attribute that would change the drawing in another way */
export function styleOf(node: SvgNode, inherited: Style | undefined): Style {
  let style = inherited ?? INITIAL;
  for (const [name, value] of node.attributes) {
    if (NOT_OF_STYLE.has(name)) continue;
    const read = READERS[name];
    // The opacity of a group would apply to the group as a whole.
    if (!read || (name === 'opacity' && node.tag === 'g' && value !== '1')) {
      throw notRead(`the attribute ${name} of ${node.tag}`);
    }
    style = { ...style, ...read(value, style) };
  }
  return style;
}

/** Tells which of fill and stroke is drawn; undefined when neither is. */
export function paintOf({ fill, stroke, strokeWidth }: Style) {
  const stroked = stroke !== undefined && strokeWidth > 0;
  if (fill === undefined) return stroked ? 'stroke' : undefined;
  return stroked ? 'both' : 'fill';
}

function number(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw notRead(`the number ${text}`);
  return value;
}

function colour(text: string): string | undefined {
  if (text === 'none' || text === 'transparent') return undefined;
  const hex = /^#(?:[0-9a-f]{3}){1,2}$/i.exec(text)?.[0];
  if (hex) return hex.length === 7 ? hex : hex.replace(/[0-9a-f]/gi, '$&$&');
  const parts = /^rgb\((\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\)$/.exec(text)?.slice(1);
  if (!parts) throw notRead(`the colour ${text}`);
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}
