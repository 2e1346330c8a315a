/** A piece of HTML that is safe to put into a page as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, nothing (`undefined`, `null`, `false`) is left out. */
export type Content =
  | Markup
  | string
  | number
  | null
  | undefined
  | false
  | Iterable<Content, unknown, unknown>;

/**
 * HTML from a template. Everything that is put in is escaped for text and for quoted attributes,
 * unless it is markup already; so values stand in element content or between double quotes, and
 * nowhere else.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, at) => part + rendered(values[at])).join(''));
}

/** For text that another part of the program made as markup and answers for. */
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
 * Control characters are no characters of HTML: shown as their pictures (U+2400 on), so that a
 * terminal's escape codes are seen and do nothing. Half a surrogate pair has no form in UTF-8.
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

/** JSON for a `<script>` element: without a `<` nothing in it can end the element or open another. */
export function jsonForScript(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
