import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Words that begin a fragment or a riddle rather than a plain description: relative words, and
 * prepositions that put the end of the sentence first.
 */
const UNWELCOME = [
  ...['Of', 'As', 'In', 'What', 'Whatever', 'Who', 'Whoever', 'Whom', 'Whose', 'Which', 'Where'],
  ...['That', 'Like', 'Than', 'Nor', 'To', 'Also'],
];

/** Verbs without a subject: "Returns ..." tells what a function does, "Return ..." does not. */
const BARE_VERBS = [
  ...[
    'Add',
    'Ask',
    'Build',
    'Check',
    'Clear',
    'Close',
    'Do',
    'Draw',
    'Find',
    'Get',
    'Give',
    'Hold',
  ],
  ...['Keep', 'Make', 'Open', 'Print', 'Put', 'Read', 'Remove', 'Return', 'Say', 'See', 'Send'],
  ...['Set', 'Stop', 'Store', 'Take', 'Tell', 'Throw', 'Turn', 'Wait', 'Write'],
];

const root = fileURLToPath(new URL('../', import.meta.url));
const ROOMS = ['src', 'test', 'bench'];

interface DocComment {
  file: string;
  line: number;
  text: string;
}

/** The doc comments of a file, each without its delimiters and leading asterisks. */
function docCommentsIn(file: string, code: string): DocComment[] {
  return [...code.matchAll(/^[ \t]*\/\*\*(.*?)\*\//gms)].map((match) => ({
    file,
    line: code.slice(0, match.index).split('\n').length,
    text: match[1]!.replace(/^[ \t]*\*[ \t]?/gm, '').trim(),
  }));
}

const firstWord = ({ text }: DocComment) => /^[A-Za-z]+\b/.exec(text)?.[0] ?? '';
const startsWith = (words: readonly string[]) => (comment: DocComment) =>
  words.includes(firstWord(comment));

const comments = ROOMS.flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .flatMap((file) =>
      docCommentsIn(`${room}/${file}`, readFileSync(join(root, room, file), 'utf8')),
    ),
);

const placesOf = (found: readonly DocComment[]) =>
  found.map(({ file, line, text }) => `${file}:${line} ${text.split('\n')[0]}`);

describe('doc comments', () => {
  it('are found with their first words, on one line and on several', () => {
    const code =
      '/** Of a cell. */\nlet a;\n\n  /**\n   * Whose cell?\n   */\nlet b;\n/** Often. */';

    expect(
      docCommentsIn('a.ts', code).map((it) => [it.line, it.text, startsWith(UNWELCOME)(it)]),
    ).toEqual([
      [1, 'Of a cell.', true],
      [4, 'Whose cell?', true],
      [8, 'Often.', false],
    ]);
    expect(ROOMS.filter((room) => !comments.some(({ file }) => file.startsWith(room)))).toEqual([]);
  });

  it('do not begin with a word that makes them a fragment or turns their sentence round', () => {
    expect(placesOf(comments.filter(startsWith(UNWELCOME)))).toEqual([]);
  });

  it('do not begin with a verb without a subject', () => {
    expect(placesOf(comments.filter(startsWith(BARE_VERBS)))).toEqual([]);
  });
});
