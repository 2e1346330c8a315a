/** A document of the benchmark's, as text, with its place in the file. */
export type FoundDocument =
  | { readonly state: 'found'; readonly place: string; readonly text: string }
  | { readonly state: 'cut-off'; readonly place: string };

export type NotebookText =
  | { readonly state: 'documents'; readonly documents: readonly FoundDocument[] }
  | { readonly state: 'unreadable'; readonly reason: string };

/** The first key of everything that the benchmark prints with `-j` and a run of it needs. */
const FIRST_KEY =
  /\{(?:\s|\\n)*"(?:benchmark_samples|(?:benchmark|host|hardware|os|network_ipc)_configuration)"/y;
const OWN_KEYS = ['benchmark_samples', 'benchmark_configuration'] as const;

/** The benchmark's own documents are four deep. */
const MOST_OPEN = 1000;

/**
 * Finds the benchmark's documents in what was kept of a notebook: printed one after the other with
 * other words between them, in JSON of any shape (also as strings in it), or in the outputs of an
 * .ipynb. In the order of the file.
 */
export function readNotebook(text: string): NotebookText {
  const documents = [...documentsIn(text)];
  if (documents.length > 0) return { state: 'documents', documents };
  return {
    state: 'unreadable',
    reason: text.trim() === '' ? 'it is empty' : 'no document of ipc-benchmark -j is in it',
  };
}

function* documentsIn(text: string): Generator<FoundDocument> {
  const json = parsed(text);
  if (typeof json !== 'object' || json === null) {
    yield* printedDocuments(text, '');
    return;
  }
  const outputs = outputsOf(json);
  if (!outputs) yield* documentsOfValue(json);
  for (const output of outputs ?? []) yield* printedDocuments(output.text, `${output.place}, `);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts that the cells of a notebook have printed; undefined when the JSON is no notebook. */
function outputsOf(json: object): { place: string; text: string }[] | undefined {
  const { nbformat, cells } = json as Json;
  if (typeof nbformat !== 'number' || !Array.isArray(cells)) return undefined;
  return cells.flatMap((cell: unknown, at) => {
    const outputs = isObject(cell) && Array.isArray(cell.outputs) ? cell.outputs : [];
    return outputs.flatMap((output: unknown, nth) => {
      if (!isObject(output)) return [];
      const shown = isObject(output.data) ? output.data['text/plain'] : output.text;
      const lines = Array.isArray(shown) ? shown : [shown];
      const text = lines.filter((line) => typeof line === 'string').join('');
      return [{ place: `cell ${at + 1}, output ${nth + 1}`, text }];
    });
  });
}

interface Visited {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Visited | undefined;
}

/** Walks JSON without recursion: its depth is whatever the file says. */
function* documentsOfValue(json: object): Generator<FoundDocument> {
  const left: Visited[] = [{ value: json, key: '', parent: undefined }];
  for (let at = left.pop(); at; at = left.pop()) {
    const { value } = at;
    if (typeof value === 'string') {
      yield* printedDocuments(value, `${pathOf(at)}, `);
    } else if (isObject(value) && OWN_KEYS.some((key) => Object.hasOwn(value, key))) {
      const text = printed(value);
      if (text === undefined) yield { state: 'cut-off', place: pathOf(at) };
      else yield { state: 'found', place: pathOf(at), text };
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value).reverse()) {
        const path = Array.isArray(value) ? `[${key}]` : `[${JSON.stringify(key)}]`;
        left.push({ value: child, key: path, parent: at });
      }
    }
  }
}

function printed(value: Json): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // Deeper than the stack.
  }
}

function pathOf(visited: Visited): string {
  let path = '';
  for (let at: Visited | undefined = visited; at?.parent; at = at.parent) path = at.key + path;
  return path === '' ? 'the whole file' : `at ${path}`;
}

/** In one pass, however the text is made. */
function* printedDocuments(text: string, prefix: string): Generator<FoundDocument> {
  let line = 1;
  let counted = 0;
  for (const { start, end } of spansOf(text)) {
    for (; counted < start; counted++) if (text.charCodeAt(counted) === NEWLINE) line++;
    const place = `${prefix}line ${line}`;
    if (end === undefined) yield { state: 'cut-off', place };
    else yield { state: 'found', place, text: withoutEscapedNewlines(text.slice(start, end)) };
  }
}

interface Span {
  readonly start: number;
  /** Undefined when no brace closes it. */
  readonly end: number | undefined;
}

const [NEWLINE, QUOTE, BACKSLASH, OPEN, CLOSE] = [10, 34, 92, 123, 125] as const;

/** The outermost objects that begin as the benchmark's do. */
function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let open: number[] = [];
  const cutOff = () => {
    for (const start of open) if (begins(text, start)) spans.push({ start, end: undefined });
    open = [];
  };
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // No string of JSON goes over a line: one that was cut off ends here.
    if (code === NEWLINE) inString = false;
    else if (code === BACKSLASH) at += text.charCodeAt(at + 1) === NEWLINE ? 0 : 1;
    else if (code === QUOTE) inString = open.length > 0 && !inString;
    else if (inString) continue;
    else if (code === OPEN) {
      if (open.length === MOST_OPEN) cutOff();
      open.push(at);
    } else if (code === CLOSE) {
      const start = open.pop();
      if (start === undefined || !begins(text, start)) continue;
      while ((spans.at(-1)?.start ?? -1) > start) spans.pop();
      spans.push({ start, end: at + 1 });
    }
  }
  cutOff();
  return spans.sort((a, b) => a.start - b.start);
}

function begins(text: string, start: number): boolean {
  FIRST_KEY.lastIndex = start;
  return FIRST_KEY.test(text);
}

/** Python shows a newline in a string as a backslash and an n. */
function withoutEscapedNewlines(text: string): string {
  return parsed(text) === undefined ? text.replaceAll('\\n', '\n') : text;
}
