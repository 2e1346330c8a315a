import { wrapped } from '../text-width.ts';

/** Of the source; a checker of manuals asks for no more than 80. */
const COLUMNS = 78;

/** Text as it stands within a line of mdoc(7); every hyphen-minus stays one, to be copied. */
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

/** A paragraph as lines of mdoc: a sentence begins a line, what stands in backquotes is bold. */
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

/** Arguments of a macro. */
export function macro(name: string, ...words: readonly string[]): string {
  return [`.${name}`, ...words].join(' ');
}

/** A line of text that begins as a request would is none. */
function guarded(line: string): string {
  return /^['.]/.test(line) ? `\\&${line}` : line;
}
