/** A part of a spec's text. Offsets count UTF-16 units from the start of the text. */
export interface Place {
  readonly offset: number;
  readonly length: number;
  /** The option of the command line in whose value it is; if undefined, it is in the spec. */
  readonly origin?: { readonly name: string; readonly text: string };
}

/** One thing wrong with a spec; `length` is the number of characters to underline. */
export interface Problem extends Place {
  /** The path in the document, such as `matrix.buffer_size[2]`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

/** The problems of a spec, limited to a readable number: garbage has one at every character. */
export interface FoundProblems {
  readonly drawn: readonly Problem[];
  /** The number of other problems. */
  readonly more: number;
}

/** Limited because explaining a problem costs more than finding it. */
const MOST_EXPLAINED = 200;

export function firstOf<Found>(
  found: readonly Found[],
  explain: (found: Found) => Problem,
): FoundProblems {
  const first = found.slice(0, MOST_EXPLAINED);
  return { drawn: first.map(explain), more: found.length - first.length };
}

export function allOf(problems: readonly Problem[]): FoundProblems {
  return { drawn: problems, more: 0 };
}

export function joinProblems(parts: readonly FoundProblems[]): FoundProblems {
  return {
    drawn: parts.flatMap(({ drawn }) => drawn),
    more: parts.reduce((sum, { more }) => sum + more, 0),
  };
}

const WIDEST = 160;
const LONGEST_MESSAGE = 400;

const MOST_DRAWN = 50;

/**
 * Draws every problem as `file:line:col: path: message`, the line, and a caret under the place.
 * @returns one text, with the problems in the order of the file, separated by blank lines
 */
export function drawProblems(file: string, text: string, found: FoundProblems): string {
  const drawn = [...found.drawn]
    .sort((a, b) => a.offset - b.offset)
    .slice(0, MOST_DRAWN)
    .map((problem) => drawOne(problem.origin?.name ?? file, problem.origin?.text ?? text, problem));
  const more = found.drawn.length + found.more - drawn.length;
  if (more > 0) drawn.push(`... and ${more} more`);
  return drawn.join('\n\n');
}

function drawOne(file: string, text: string, problem: Problem): string {
  const offset = Math.min(Math.max(problem.offset, 0), text.length);
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const column = offset - lineStart + 1;
  const nextBreak = text.indexOf('\n', offset);
  const lineEnd = nextBreak === -1 ? text.length : nextBreak;
  const fullLine = text.slice(lineStart, lineEnd).replace(/\r$/, '');

  // A very long line is shown only partly, around the place.
  const windowStart = column > WIDEST / 2 ? column - WIDEST / 2 : 0;
  const shown = printable(fullLine.slice(windowStart, windowStart + WIDEST));
  const caretAt = column - 1 - windowStart;
  const underline = Math.max(1, Math.min(problem.length, shown.length - caretAt));
  const where = problem.path === '' ? '' : `${problem.path}: `;
  return [
    `${file}:${line}:${column}: ${printable(clip(where + problem.message, LONGEST_MESSAGE))}`,
    `  ${shown}`,
    `  ${' '.repeat(caretAt)}${'^'.repeat(underline)}`,
  ].join('\n');
}

/** Tabs, control characters and direction marks would shift the caret or affect the terminal. */
function printable(line: string): string {
  return line.replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, ' ');
}

/** Shortens a text for use in a message. */
export function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** Writes a path of keys and indexes as people write it: `matrix.exclude[0].ipc`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = String(part);
      if (!/^[\w-]{1,60}$/.test(key)) return `[${JSON.stringify(clip(key, 60))}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join('');
}
