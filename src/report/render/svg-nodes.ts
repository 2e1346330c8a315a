/** A part of a picture, with its attributes as written. */
export interface SvgNode {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Text nodes are strings. */
  readonly children: readonly (SvgNode | string)[];
}

const TOKEN =
  /<(?<end>\/?)(?<tag>[A-Za-z]+)(?<attributes>(?:\s+[\w:-]+="[^"<]*")*)\s*(?<empty>\/?)>|(?<text>[^<]+)/y;
const ATTRIBUTE = /([\w:-]+)="([^"]*)"/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Parses the SVG that vega writes, which has only elements, attributes and text.
 * @throws RangeError for anything else
 */
export function parseSvg(svg: string): SvgNode {
  const root: OpenNode = { tag: '', attributes: new Map(), children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < svg.length) {
    const at = TOKEN.lastIndex;
    const { end, tag, attributes, empty, text } = TOKEN.exec(svg)?.groups ?? {};
    const parent = open.at(-1)!;
    if (text !== undefined) parent.children.push(unescaped(text));
    else if (tag === undefined) throw notRead(`its markup at character ${at}`);
    else if (end) {
      if (open.length === 1 || open.pop()!.tag !== tag) throw notRead(`the end of ${tag}`);
    } else {
      const node: OpenNode = { tag, attributes: attributesOf(attributes ?? ''), children: [] };
      parent.children.push(node);
      if (!empty) open.push(node);
    }
  }
  const [svgNode, ...others] = root.children.filter((child) => child !== '\n');
  if (open.length > 1 || others.length > 0 || typeof svgNode !== 'object') {
    throw notRead('what is not one whole element');
  }
  return svgNode;
}

interface OpenNode extends SvgNode {
  readonly children: (SvgNode | string)[];
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  );
}

function unescaped(text: string): string {
  return text.replace(/&(\w*);?/g, (_, name: string) => {
    const character = ENTITIES.get(name);
    if (character === undefined) throw notRead(`the entity ${name}`);
    return character;
  });
}

/** The error for unknown content: ignoring it would silently leave something out of the drawing. */
export function notRead(what: string): RangeError {
  return new RangeError(`no PDF can be made of this SVG: ${what} is not known`);
}
