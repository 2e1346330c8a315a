import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Words that start a riddle or an inverted sentence rather than a plain description. */
const UNWELCOME = ['Of', 'As', 'In', 'What', 'Whoever', 'Who', 'Whom', 'Whose'];

/** Comments that may start with such a word nevertheless: the file, and the first words. */
const EXCEPTIONS: { file: string; starts: string }[] = [];

const source = fileURLToPath(new URL('../src/', import.meta.url));

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

const startsBadly = ({ text }: DocComment) => UNWELCOME.includes(/^\w+/.exec(text)?.[0] ?? '');

const isException = (comment: DocComment) =>
  EXCEPTIONS.some(({ file, starts }) => file === comment.file && comment.text.startsWith(starts));

const comments = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => docCommentsIn(file, readFileSync(join(source, file), 'utf8')));

it('finds the first word of a doc comment on one line and on several', () => {
  const code = '/** Of a cell. */\nlet a;\n\n  /**\n   * Whose cell?\n   */\nlet b;\n/** Often. */';

  expect(docCommentsIn('a.ts', code).map((c) => [c.line, c.text, startsBadly(c)])).toEqual([
    [1, 'Of a cell.', true],
    [4, 'Whose cell?', true],
    [8, 'Often.', false],
  ]);
});

it('starts no doc comment with a word that turns its sentence round', () => {
  expect(comments).not.toHaveLength(0);
  expect(
    comments
      .filter((comment) => startsBadly(comment) && !isException(comment))
      .map(({ file, line, text }) => `src/${file}:${line} ${text.split('\n')[0]}`),
  ).toEqual([]);
});
