import { printable } from './terminal-text.ts';

/** Characters that may begin markup, an address or a formula in GitHub's Markdown. */
const ACTIVE = /[#$&*<>@[\\\]_`|~]|:(?=\/\/)|(?<=www)\./gi;
/** Characters that would begin a list or underline a heading at the beginning of an item. */
const AT_START = /^[-+=]|(?<=^\d{1,9})[.)]/;
/** GitHub makes links of `@name` and `#1` once all is rendered; root@board is none. */
const MENTION = /(?<!\w)[@#](?=\w)/g;
const ZERO_WIDTH_SPACE = '\u200b';

/**
 * Text from elsewhere for a line of Markdown, in a table, a list or an HTML element: it shows every
 * character and does nothing else. A character reference cannot stand for markup (CommonMark 0.31,
 * section 2.5).
 */
export function escapedMarkdown(text: string): string {
  return references(printable(text).replace(MENTION, `$&${ZERO_WIDTH_SPACE}`));
}

/** The same as code, from which a reader may copy it. */
export function markdownCode(text: string): string {
  return `<code>${references(printable(text))}</code>`;
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
