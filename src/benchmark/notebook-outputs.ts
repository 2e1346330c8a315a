/** A text, or a part that follows another one in the same text. */
export interface Piece {
  /** The place of the text; empty for a whole file. */
  readonly place: string;
  readonly text: string;
}

/** One form of an output; an output may show the same thing in several. */
export type Representation =
  | { readonly kind: 'text'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'json'; readonly place: string; readonly value: object };

/** The forms in which an output of a cell shows one thing, the most exact one first. */
export type NotebookOutput = readonly Representation[];

type Json = Readonly<Record<string, unknown>>;

/** Returns what a notebook's cells printed and showed; undefined if the JSON is no notebook. */
export function outputsOf(notebook: object): readonly NotebookOutput[] | undefined {
  const { nbformat, cells, worksheets } = notebook as Json;
  if (typeof nbformat !== 'number') return undefined;
  // Until format 3 (IPython 2), cells were on sheets.
  const sheets = Array.isArray(worksheets) ? worksheets : [];
  const all = Array.isArray(cells) ? cells : sheets.flatMap((sheet) => listIn(sheet, 'cells'));
  return all.flatMap((cell: unknown, at) => outputsOfCell(listIn(cell, 'outputs'), at + 1));
}

function outputsOfCell(outputs: readonly unknown[], cell: number): NotebookOutput[] {
  const found: NotebookOutput[] = [];
  const streams = new Map<unknown, Piece[]>();
  for (const [at, output] of outputs.entries()) {
    if (!isObject(output)) continue;
    const place = `cell ${cell}, output ${at + 1}`;
    if (output.output_type !== 'stream') {
      found.push(representationsOf(output, place));
      continue;
    }
    // Anything in between, such as a warning on the other stream, has split the printed text.
    const name = output.name ?? output.stream ?? 'stdout';
    const pieces = streams.get(name) ?? [];
    if (pieces.length === 0) found.push([{ kind: 'text', pieces }]);
    streams.set(name, pieces);
    pieces.push({ place, text: textOf(output.text) ?? '' });
  }
  return found;
}

function representationsOf(output: Json, place: string): NotebookOutput {
  const [json, plain] = isObject(output.data)
    ? [output.data['application/json'], output.data['text/plain']]
    : [output.json, output.text];
  return [json, plain].flatMap((data): Representation[] => {
    const text = textOf(data);
    if (text !== undefined) return [{ kind: 'text', pieces: [{ place, text }] }];
    return typeof data === 'object' && data !== null ? [{ kind: 'json', place, value: data }] : [];
  });
}

/** Returns a text, which may be kept as a list of its lines. */
function textOf(value: unknown): string | undefined {
  const lines = Array.isArray(value) ? value : [value];
  return lines.every((line) => typeof line === 'string') ? lines.join('') : undefined;
}

function listIn(holder: unknown, key: string): readonly unknown[] {
  const list = isObject(holder) ? holder[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
