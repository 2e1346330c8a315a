import { UserError } from '../../errors.ts';

/** Characters that only a shell would understand, and none is started. */
const OF_A_SHELL = /[|&;<>()$`*?[\]{}#~!\n]/;

/**
 * Splits the text of a command into its words. Blanks divide them; everything between single
 * quotes is taken as it is; between double quotes, and outside of quotes, a backslash takes the
 * next character as it is.
 * @param option the option whose value it is, for the messages
 * @throws UserError for a quote without its end, for what only a shell would understand, and for a
 *     text without words
 */
export function splitCommand(option: string, text: string): readonly string[] {
  const refuse = (why: string, hint: string) =>
    new UserError(`${option} ${JSON.stringify(text)}: ${why}`, { hint });
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const quoted = quotedFrom(text, at);
      if (!quoted)
        throw refuse(`the quote ${character} has no end`, 'close it, or put \\ before it');
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      if (++at === text.length) throw refuse('nothing follows the last \\', 'write \\\\ for a \\');
      word = (word ?? '') + text[at];
    } else if (OF_A_SHELL.test(character)) {
      throw refuse(
        `${JSON.stringify(character)} would mean something to a shell, but no shell is started`,
        `put it in quotes, or start a shell yourself: ${option} "sh -c '...'"`,
      );
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  if ((words[0] ?? '') === '') throw refuse('expected a program and its arguments', QUOTES_HINT);
  return words;
}

const QUOTES_HINT = 'quotes hold a word together: --setup \'load-module "my module"\'';

/** Reads a text in quotes. @returns undefined if the quotes do not end */
function quotedFrom(text: string, start: number): { text: string; end: number } | undefined {
  const quote = text[start]!;
  let quoted = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return { text: quoted, end: at };
    const escaped = quote === '"' && text[at] === '\\' && at + 1 < text.length;
    if (escaped) at++;
    quoted += text[at];
  }
  return undefined;
}
