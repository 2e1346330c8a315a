/** One thing wrong with a spec. Offsets count UTF-16 units from the start of the text. */
export interface Problem {
  /** Where in the document, such as `matrix.buffer_size[2]`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  readonly offset: number;
  /** Number of characters to underline. */
  readonly length: number;
}

const WIDEST = 160;

/**
 * Draws every problem as `file:line:col: path: message`, the line, and a caret under the place.
 * @returns one text, problems in the order of the file, separated by blank lines
 */
export function drawProblems(file: string, text: string, problems: readonly Problem[]): string {
  return [...problems]
    .sort((a, b) => a.offset - b.offset)
    .map((problem) => drawOne(file, text, problem))
    .join('\n\n');
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

  // A very long line is shown as a window around the place.
  const windowStart = column > WIDEST / 2 ? column - WIDEST / 2 : 0;
  const shown = printable(fullLine.slice(windowStart, windowStart + WIDEST));
  const caretAt = column - 1 - windowStart;
  const underline = Math.max(1, Math.min(problem.length, shown.length - caretAt));
  const where = problem.path === '' ? '' : `${problem.path}: `;
  return [
    `${file}:${line}:${column}: ${where}${problem.message}`,
    `  ${shown}`,
    `  ${' '.repeat(caretAt)}${'^'.repeat(underline)}`,
  ].join('\n');
}

/** Tabs and control characters would shift the caret or act on the terminal. */
function printable(line: string): string {
  return line.replace(/[\0-\x1f\x7f-\x9f]/g, ' ');
}

/** Writes a path of keys and indexes as people write it: `matrix.exclude[0].ipc`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) =>
      typeof part === 'number' ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`,
    )
    .join('');
}
