import { wrapped } from '../text-width.ts';

/** The line length of the source; a checker of manuals allows at most 80. */
const COLUMNS = 78;

/**
 * Escapes text for a line of mdoc(7); every hyphen-minus is kept as such, so that it can be copied.
 */
export function escaped(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/"/g, '\\(dq')
    .replace(/[^\x20-\x7e]/gu, (it) => {
      const code = it.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    });
}

/** A paragraph as lines of mdoc: each sentence starts a line, and text in backquotes is bold. */
export function paragraph(text: string): readonly string[] {
  const bold = text
    .split('`')
    .map(escaped)
    .reduce((set, part, at) => set + (at % 2 === 1 ? '\\fB' : '\\fR') + part);
  return bold
    .split(/(?<=[.!?]) (?=\S)/)
    .flatMap((sentence) => wrapped(sentence, COLUMNS))
    .map(guarded);
}

/** A macro with its arguments. */
export function macro(name: string, ...words: readonly string[]): string {
  return [`.${name}`, ...words].join(' ');
}

/** Protects a line of text that begins like a request. */
function guarded(line: string): string {
  return /^['.]/.test(line) ? `\\&${line}` : line;
}
