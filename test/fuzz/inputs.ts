import { Script } from 'node:vm';
import fc from 'fast-check';

/** Inputs of each fuzz file; `.ci/run` asks for 20000. */
const INPUTS = Number(process.env.IPC_SWEEP_FUZZ_INPUTS ?? 1000);
/** The same inputs in every run, unless another seed is asked for; a failure prints it. */
const SEED = Number(process.env.IPC_SWEEP_FUZZ_SEED ?? 1);
/** No input takes a hundredth of this: it tells a hang from a busy machine. */
const HANG_MS = 120_000;

/** For a test that tries some hundredths of a file's inputs. */
export function fuzzed(hundredths: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: Math.max(1, Math.round((INPUTS * hundredths) / 100)), seed: SEED };
}

export const FUZZ_TIMEOUT = { timeout: 3_600_000 } as const;

let work: () => unknown = () => undefined;
Object.assign(globalThis, { doFuzzedWork: () => work() });
const doIt = new Script('doFuzzedWork()');

/** @throws when the work hangs, so that the input is shown and the tests go on */
export function endsInTime<Result>(of: () => Result): Result {
  work = of;
  return doIt.runInThisContext({ timeout: HANG_MS });
}

type Change =
  | { readonly kind: 'put'; readonly at: number; readonly over: number; readonly text: string }
  | { readonly kind: 'cut-off'; readonly at: number }
  | { readonly kind: 'lines'; readonly at: number; readonly of: LineChange; readonly to: number }
  | { readonly kind: 'number'; readonly at: number; readonly text: string }
  | { readonly kind: 'word'; readonly at: number; readonly to: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly over: number; readonly times: number };

const LINE_CHANGES = ['remove', 'repeat', 'move', 'swap', 'join', 'indent', 'dedent'] as const;
type LineChange = (typeof LINE_CHANGES)[number];

const NUMBERS = [
  ...[
    '0',
    '-0',
    '-1',
    '1',
    '7',
    '00',
    '1e3',
    '1e400',
    '-1e400',
    '0.5',
    'nan',
    'NAN',
    'INF',
    'null',
  ],
  ...['4096', '65536', '2147483648', '4294967296', '9007199254740991', '9007199254740993'],
  ...['999999999999999', '9223372036854775807', '9223372036854775808', '99999999999999999999'],
  '9'.repeat(400),
];

const CHARACTERS = [
  ...['\0', '\u0007', '\u001b[2J', '\t', '\r', '\r\n', '\n\n', ' ', '\u0085', '\u2028', '\ufeff'],
  ...['\ud800', '\udfff', '\u202e', 'é', '漢', '😀', '\\', '"', "'", '`', '-', ',', ':', '='],
];

const at = fc.nat(1_000_000);

function change(words: readonly string[]): fc.Arbitrary<Change> {
  const text = fc.oneof(
    fc.constantFrom(...CHARACTERS, ...words),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 4 }),
  );
  const over = fc.oneof(fc.constantFrom(0, 0, 1), fc.nat(40));
  return fc.oneof(
    fc.record({ kind: fc.constant('put' as const), at, over, text }),
    fc.record({ kind: fc.constant('cut-off' as const), at }),
    fc.record({
      kind: fc.constant('lines' as const),
      at,
      of: fc.constantFrom(...LINE_CHANGES),
      to: at,
    }),
    fc.record({
      kind: fc.constant('number' as const),
      at,
      text: fc.oneof(fc.constantFrom(...NUMBERS), fc.nat().map(String)),
    }),
    fc.record({ kind: fc.constant('word' as const), at, to: at }),
    fc.record({
      kind: fc.constant('repeat' as const),
      at,
      over: fc.integer({ min: 1, max: 60 }),
      times: fc.constantFrom(1, 2, 30, 300),
    }),
  );
}

/**
 * A text with up to four changes: bytes put in or over others, lines moved, numbers made huge, one
 * word in the place of another, pieces repeated, the end cut off.
 * @param words that have a meaning in such a text
 */
export function mutated(
  originals: readonly string[],
  words: readonly string[] = [],
): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...originals),
      fc.array(change(words), { minLength: 1, maxLength: 4, size: 'max' }),
    )
    .map(([original, changes]) => changes.reduce(apply, original));
}

function apply(text: string, change: Change): string {
  const place = text.length === 0 ? 0 : change.at % text.length;
  switch (change.kind) {
    case 'put':
      return text.slice(0, place) + change.text + text.slice(place + change.over);
    case 'cut-off':
      return text.slice(0, place);
    case 'lines':
      return changedLines(text.split('\n'), change).join('\n');
    case 'number':
      return replaced(text, /\d+(?:\.\d+)?/g, change.at, () => change.text);
    case 'word':
      return replaced(text, /[A-Za-z_]+/g, change.at, (all) => all[change.to % all.length] ?? '');
    case 'repeat': {
      const piece = text.slice(place, place + change.over);
      return text.slice(0, place) + piece.repeat(change.times) + text.slice(place);
    }
  }
}

function replaced(
  text: string,
  pattern: RegExp,
  at: number,
  by: (all: readonly string[]) => string,
): string {
  const found = [...text.matchAll(pattern)];
  const chosen = found[at % Math.max(1, found.length)];
  if (!chosen) return text;
  const end = chosen.index + chosen[0].length;
  return text.slice(0, chosen.index) + by(found.map(([word]) => word)) + text.slice(end);
}

function changedLines(lines: string[], change: Change & { readonly kind: 'lines' }): string[] {
  const from = change.at % lines.length;
  const to = change.to % lines.length;
  const line = lines[from] ?? '';
  switch (change.of) {
    case 'remove':
      return lines.toSpliced(from, 1);
    case 'repeat':
      return lines.toSpliced(to, 0, line);
    case 'move':
      return lines.toSpliced(from, 1).toSpliced(to, 0, line);
    case 'swap':
      return lines.with(from, lines[to] ?? '').with(to, line);
    case 'join':
      return lines.toSpliced(from, 2, line + (lines[from + 1] ?? ''));
    case 'indent':
      return lines.with(from, `  ${line}`);
    case 'dedent':
      return lines.with(from, line.replace(/^ {1,2}/, ''));
  }
}
