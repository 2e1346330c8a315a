import stringWidth from 'string-width';
import { printable } from './terminal-text.ts';

/** Columns that a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** What takes a column a character, as most of what is shown. */
const PLAIN = /^[\x20-\x7e]*$/;

const CHARACTERS = new Intl.Segmenter();

/** A text without colours on one line, fit for a terminal, that takes at most so many columns; `end` stands for what was cut off. */
export function cut(text: string, columns: number, end = '…'): string {
  const whole = printable(text);
  if (textWidth(whole) <= columns) return whole;
  const room = columns - textWidth(end);
  if (room <= 0) return end.slice(0, Math.max(0, columns));
  let kept = '';
  for (const { segment } of CHARACTERS.segment(whole)) {
    if (textWidth(kept + segment) > room) break;
    kept += segment;
  }
  return kept + end;
}

/**
 * A text in lines of at most so many columns, broken between words; the first is not indented. A
 * word that is longer stays whole.
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
