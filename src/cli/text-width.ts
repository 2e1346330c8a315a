import stringWidth from 'string-width';
import { printable } from './terminal-text.ts';

/** The number of columns that a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** Matches text in which each character takes one column, like most of the output. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Made when it is first needed, because that takes some milliseconds. */
let characters: Intl.Segmenter | undefined;

/**
 * Cuts a text without colours to a single line, fit for a terminal, of at most this many columns;
 * `end` replaces the part that was cut off.
 */
export function cut(text: string, columns: number, end = '…'): string {
  const whole = printable(text);
  if (textWidth(whole) <= columns) return whole;
  const room = columns - textWidth(end);
  if (room <= 0) return end.slice(0, Math.max(0, columns));
  let kept = '';
  characters ??= new Intl.Segmenter();
  for (const { segment } of characters.segment(whole)) {
    if (textWidth(kept + segment) > room) break;
    kept += segment;
  }
  return kept + end;
}

/**
 * Wraps a text into lines of at most this many columns, broken between words; the first line is not
 * indented. A word that is too long stays whole.
 */
export function wrapped(text: string, columns: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line.trim() !== '' && textWidth(longer) > columns) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}
