/** A piece of HTML that is safe to put into a page unchanged. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/**
 * Values allowed in a template: text is escaped, and `undefined`, `null` and `false` are left out.
 */
export type Content =
  | Markup
  | string
  | number
  | null
  | undefined
  | false
  | Iterable<Content, unknown, unknown>;

/**
 * Builds HTML from a template. Every inserted value is escaped for text and for quoted attributes,
 * unless it is already markup; so values may only be placed in element content or between double
 * quotes.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, at) => part + rendered(values[at])).join(''));
}

/** Accepts text as markup that another part of the program has made and vouches for. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function rendered(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return Array.from(value, rendered).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Control characters are not allowed in HTML: they are shown as symbols (U+2400 on), so that a
 * terminal's escape codes are visible and have no effect. Half a surrogate pair has no form in
 * UTF-8.
 */
function escaped(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(/\r\n?/g, '\n')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, (character) =>
      String.fromCodePoint(0x2400 + character.charCodeAt(0)),
    )
    .replace(/[\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/**
 * JSON for a `<script>` element: without a `<`, nothing in it can end the element or open another.
 */
export function jsonForScript(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
