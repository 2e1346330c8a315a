import { type Json, MOST_VALUES, readJson } from './json.ts';
import { type CellOutput, outputsOf, type Piece } from './notebook-outputs.ts';

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
/** A sweep has at most so many runs of a cell. */
const MOST_DOCUMENTS = 100_000;

/**
 * Finds the benchmark's documents in what was kept of a notebook: printed one after the other with
 * other words between them, in JSON of any shape (also as strings in it), or in the outputs of an
 * .ipynb. In the order of the file; what a cell printed stays together.
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

/** Of several ways to show the same, the first in which there is a document counts. */
function* documentsOfOutput(ways: CellOutput): Generator<FoundDocument> {
  let found = 0;
  for (const way of ways) {
    const documents =
      way.kind === 'json'
        ? documentsOfValue(way.value, `${way.place}, `)
        : printedDocuments(way.pieces);
    for (const document of documents) {
      found++;
      yield document;
    }
    if (found > 0) return;
  }
}

/** An object or a list. */
function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Characters: keys may be of any length, and stand at any depth. */
const LONGEST_KEY = 60;
const LONGEST_PATH = 200;

interface Visited {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Visited | undefined;
}

/** Walks JSON without recursion: its depth is whatever the file says. */
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
        // Numbers hold nothing, and a list may have a million.
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
    return undefined; // Deeper than the stack.
  }
}

function pathOf(visited: Visited): string {
  let path = '';
  let at = visited;
  for (; at.parent && path.length < LONGEST_PATH; at = at.parent) path = at.key + path;
  if (path === '') return 'all of it';
  return `at ${at.parent ? '...' : ''}${path}`;
}

/** In one pass, however the text is made. */
function* printedDocuments(pieces: readonly Piece[]): Generator<FoundDocument> {
  const text = pieces.map((piece) => piece.text).join('');
  const placeAt = placesIn(pieces);
  for (const { start, end } of spansOf(text)) {
    const place = placeAt(start);
    if (end === undefined) yield { state: 'cut-off', place };
    else yield { state: 'found', place, text: withoutEscapedNewlines(text.slice(start, end)) };
  }
}

/** Names places in texts that follow each other; asked for one after the other, in their order. */
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
  return readJson(text).state === 'json' ? text : text.replaceAll('\\n', '\n');
}
