/**
 * What may do more on a terminal than stand there: control characters could move its cursor or
 * worse, others turn the direction of what follows.
 */
const ACTIVE = '\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\p{Bidi_Control}';
const EVERY = new RegExp(`[${ACTIVE}]+`, 'gu');
/** Those that a document of ours may hold: the ends of its lines, and tabs. */
const EXCEPT_LINES = new RegExp(`(?![\\n\\t])[${ACTIVE}]`, 'gu');

/** The sequences that {@link Screen.style} makes (ECMA-48, SGR), and no others. */
const STYLE = /(\x1b\[(?:[12]|22|3[1239])m)/;
const PLAIN = '\x1b[0m';

/**
 * What a terminal is sent of a text that may hold anything: its characters, the ends of its lines,
 * and, where there is colour, the styles that are used here.
 */
export function fitForTerminal(text: string, colour: boolean): string {
  if (!colour) return text.replace(EXCEPT_LINES, ' ');
  const parts = text.split(STYLE);
  if (parts.length === 1) return text.replace(EXCEPT_LINES, ' ');
  // The odd parts are the styles. Whoever has brought one in from outside does not colour the rest.
  return (
    parts.map((part, at) => (at % 2 ? part : part.replace(EXCEPT_LINES, ' '))).join('') + PLAIN
  );
}

/**
 * The same for a line: a text from outside that stands in it begins no line of its own. One that is
 * to stand after an empty one begins with an end of line.
 */
export function fitLine(line: string, colour: boolean): string {
  const before = line.startsWith('\n') ? '\n' : '';
  return before + fitForTerminal(line.slice(before.length).replaceAll('\n', ' '), colour);
}

/** A foreign text as a part of one line. */
export function printable(text: string): string {
  return text.replace(EVERY, ' ');
}
