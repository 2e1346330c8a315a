/**
 * Characters that may have an effect on a terminal: control characters could move its cursor or
 * worse, others reverse the direction of the text that follows.
 */
const ACTIVE = '\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\p{Bidi_Control}';
const EVERY = new RegExp(`[${ACTIVE}]+`, 'gu');
/** All of them except line ends and tabs, which a document of ours may contain. */
const EXCEPT_LINES = new RegExp(`(?![\\n\\t])[${ACTIVE}]`, 'gu');

/** The sequences that {@link Screen.style} makes (ECMA-48, SGR), and no others. */
const STYLE = /(\x1b\[(?:[12]|22|3[1239])m)/;
const PLAIN = '\x1b[0m';

/**
 * Makes any text safe for a terminal: keeps its characters, line ends, and, if colour is on, the
 * styles used here.
 */
export function fitForTerminal(text: string, colour: boolean): string {
  if (!colour) return text.replace(EXCEPT_LINES, ' ');
  const parts = text.split(STYLE);
  if (parts.length === 1) return text.replace(EXCEPT_LINES, ' ');
  // The odd parts are the styles. A style brought in from outside does not colour the rest of the
  // output.
  return (
    parts.map((part, at) => (at % 2 ? part : part.replace(EXCEPT_LINES, ' '))).join('') + PLAIN
  );
}

/**
 * Makes a single line safe in the same way: text from outside within it cannot start a new line. A
 * line that is to follow an empty one begins with a line end.
 */
export function fitLine(line: string, colour: boolean): string {
  const before = line.startsWith('\n') ? '\n' : '';
  return before + fitForTerminal(line.slice(before.length).replaceAll('\n', ' '), colour);
}

/** Makes text from outside fit for use within a line. */
export function printable(text: string): string {
  return text.replace(EVERY, ' ');
}
