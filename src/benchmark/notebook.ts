import { type Json, MOST_VALUES, readJson } from './json.ts';
import { type NotebookOutput, outputsOf, type Piece } from './notebook-outputs.ts';

/** One of the benchmark's documents, as text, with its place in the file. */
export type FoundDocument =
  | { readonly state: 'found'; readonly place: string; readonly text: string }
  | { readonly state: 'cut-off'; readonly place: string };

export type NotebookText =
  | { readonly state: 'documents'; readonly documents: readonly FoundDocument[] }
  | { readonly state: 'unreadable'; readonly reason: string };

/** The first keys of everything that the benchmark prints with `-j` and that a run needs. */
const FIRST_KEY =
  /\{(?:\s|\\n)*"(?:benchmark_samples|(?:benchmark|host|hardware|os|network_ipc)_configuration)"/y;
const OWN_KEYS = ['benchmark_samples', 'benchmark_configuration'] as const;

/** The benchmark's own documents are only four levels deep. */
const MOST_OPEN = 1000;
/** A sweep has at most this many runs of a cell. */
const MOST_DOCUMENTS = 100_000;

/**
 * Finds the benchmark's documents in what was kept of a notebook: printed one after the other with
 * other text between them, in JSON of any shape (including strings in it), or in the outputs of an
 * .ipynb. They are in the order of the file; the output of one cell stays together.
 */
export function readNotebook(text: string): NotebookText {
  const json = readJson(text);
  const documents: FoundDocument[] = [];
  for (const document of documentsIn(text, json.state === 'json' ? json.value : undefined)) {
    documents.push(document);
    if (documents.length > MOST_DOCUMENTS) {
      return { state: 'unreadable', reason: `it has more than ${MOST_DOCUMENTS} documents` };
    }
  }
  if (documents.length > 0) return { state: 'documents', documents };
  return { state: 'unreadable', reason: whyNone(text, json) };
}

function whyNone(text: string, json: Json): string {
  if (text.trim() === '') return 'it is empty';
  const none = 'no document of ipc-benchmark -j is in it';
  return json.state === 'too-large'
    ? `${none}, read as text: as JSON it would have more than ${MOST_VALUES} values`
    : none;
}

function* documentsIn(text: string, json: unknown): Generator<FoundDocument> {
  if (!isHolder(json)) yield* printedDocuments([{ place: '', text }]);
  else {
    const outputs = outputsOf(json);
    if (!outputs) yield* documentsOfValue(json, '');
    for (const output of outputs ?? []) yield* documentsOfOutput(output);
  }
}

/** Among several forms of the same output, the first one that contains a document is used. */
function* documentsOfOutput(output: NotebookOutput): Generator<FoundDocument> {
  let found = 0;
  for (const representation of output) {
    const documents =
      representation.kind === 'json'
        ? documentsOfValue(representation.value, `${representation.place}, `)
        : printedDocuments(representation.pieces);
    for (const document of documents) {
      found++;
      yield document;
    }
    if (found > 0) return;
  }
}

/** Tells whether a value is an object or a list. */
function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A number of characters: keys may be of any length and at any depth. */
const LONGEST_KEY = 60;
const LONGEST_PATH = 200;

interface Visited {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Visited | undefined;
}

/** Walks JSON without recursion, because a file may have any depth. */
function* documentsOfValue(json: object, prefix: string): Generator<FoundDocument> {
  const left: Visited[] = [{ value: json, key: '', parent: undefined }];
  for (let at = left.pop(); at; at = left.pop()) {
    const { value } = at;
    if (typeof value === 'string') {
      if (value.includes('{'))
        yield* printedDocuments([{ place: prefix + pathOf(at), text: value }]);
    } else if (isHolder(value) && OWN_KEYS.some((key) => Object.hasOwn(value, key))) {
      const text = printed(value);
      if (text === undefined) yield { state: 'cut-off', place: prefix + pathOf(at) };
      else yield { state: 'found', place: prefix + pathOf(at), text };
    } else if (isHolder(value)) {
      for (const key of Object.keys(value).reverse()) {
        const child = (value as Record<string, unknown>)[key];
        // Numbers contain nothing, and a list may have a million of them.
        if (typeof child !== 'string' && !isHolder(child)) continue;
        const path = Array.isArray(value)
          ? `[${key}]`
          : `[${JSON.stringify(key.slice(0, LONGEST_KEY))}]`;
        left.push({ value: child, key: path, parent: at });
      }
    }
  }
}

function printed(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // The value is nested deeper than the stack allows.
  }
}

function pathOf(visited: Visited): string {
  let path = '';
  let at = visited;
  for (; at.parent && path.length < LONGEST_PATH; at = at.parent) path = at.key + path;
  if (path === '') return 'all of it';
  return `at ${at.parent ? '...' : ''}${path}`;
}

/** Finds documents in one pass, whatever the text is like. */
function* printedDocuments(pieces: readonly Piece[]): Generator<FoundDocument> {
  const text = pieces.map((piece) => piece.text).join('');
  const placeAt = placesIn(pieces);
  for (const { start, end } of spansOf(text)) {
    const place = placeAt(start);
    if (end === undefined) yield { state: 'cut-off', place };
    else yield { state: 'found', place, text: withoutEscapedNewlines(text.slice(start, end)) };
  }
}

/** Names places in consecutive texts; ask for the places in ascending order. */
function placesIn(pieces: readonly Piece[]): (offset: number) => string {
  let at = 0;
  let start = 0;
  let line = 1;
  let counted = 0;
  return (offset) => {
    let piece = pieces[at];
    while (piece && offset >= start + piece.text.length && at < pieces.length - 1) {
      start += piece.text.length;
      piece = pieces[++at];
      line = 1;
      counted = 0;
    }
    for (; counted < offset - start; counted++) {
      if (piece?.text.charCodeAt(counted) === NEWLINE) line++;
    }
    return piece?.place ? `${piece.place}, line ${line}` : `line ${line}`;
  };
}

interface Span {
  readonly start: number;
  /** Undefined if no brace closes it. */
  readonly end: number | undefined;
}

const [NEWLINE, QUOTE, BACKSLASH, OPEN, CLOSE] = [10, 34, 92, 123, 125] as const;

/** Finds the outermost objects that begin like the benchmark's. */
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
    // A JSON string cannot contain a line break, so one that was cut off ends here.
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

/** Replaces the backslash and n that Python writes for a newline in a string. */
function withoutEscapedNewlines(text: string): string {
  return readJson(text).state === 'json' ? text : text.replaceAll('\\n', '\n');
}
