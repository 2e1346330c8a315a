import { onOneLine } from './text-table.ts';

/** Characters that may begin markup, an address, an emoji or a formula in GitHub's Markdown. */
const ACTIVE = /[#$&*<>@[\\\]_`|~]|:(?=\/\/|[\w+-]+:)|(?<=mailto|xmpp):|(?<=www)\./gi;
/** Characters that would begin a list, a line or a heading at the beginning of an item. */
const AT_START = /^[-+=](?!\d)|(?<=^\d{1,9})[.)](?=\s|$)/;
/** GitHub makes links of `@name` and `#1` once all is rendered; root@board is none. */
const MENTION = /(?<!\w)[@#](?=\w)/g;
const ZERO_WIDTH_SPACE = '\u200b';

/**
 * Text from elsewhere for a line of Markdown, in a table, a list or an HTML element: it shows every
 * character that can be printed and does nothing else. A character reference cannot stand for markup
 * (CommonMark 0.31, section 2.5).
 */
export function escapedMarkdown(text: string): string {
  return references(onOneLine(text).replace(MENTION, `$&${ZERO_WIDTH_SPACE}`));
}

/** The same as code, from which a reader may copy it. */
export function markdownCode(text: string): string {
  return `<code>${references(onOneLine(text))}</code>`;
}

function references(line: string): string {
  return line
    .replace(ACTIVE, reference)
    .replace(AT_START, reference)
    .replaceAll(ZERO_WIDTH_SPACE, '&#8203;');
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
