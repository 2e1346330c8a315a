import { foldedStack, MOST_FRAMES } from '../../instruments/profile/stack-text.ts';

/** The meaning of a line to a reader of stacks. */
export type StackLine =
  /** It begins a record of several lines, or goes on with one. */
  | { readonly state: 'within' }
  /** It ends a record: the words of a line that says the same, `WORD PID PPID STACK COUNT`. */
  | { readonly state: 'whole'; readonly words: readonly string[] }
  /** It does not go on with the record that was begun with this line, or its stack is none. */
  | { readonly state: 'broken'; readonly begun: string };

/**
 * Joins the lines in which D programs print a stack: `WORD PID PPID`, then each function in a line
 * that begins with a blank, then `WORD_samples COUNT`. Samples of user code have a line of their
 * own, `WORD_user PID PPID COUNT`. A record that is cut, or has another line in it, is broken as a
 * whole, so that no part of it is taken for another stack.
 * @param word with which a record begins
 * @returns what reads one line after the other; undefined for a line that is not about stacks
 */
export function stackRecords(word: string): (line: string) => StackLine | undefined {
  let begun: { readonly line: string; readonly frames: string[] } | undefined;
  return (line) => {
    const words = line.split(' ');
    if (!begun) {
      if (words[0] === `${word}_user` && words.length === 4) {
        const [, pid = '', parent = '', count = ''] = words;
        return { state: 'whole', words: [word, pid, parent, foldedStack('user', [])!, count] };
      }
      if (words[0] !== word || words.length !== 3) return undefined;
      begun = { line, frames: [] };
      return { state: 'within' };
    }
    const { line: head, frames } = begun;
    if (words[0] === '' && frames.length < MOST_FRAMES) {
      frames.push(line);
      return { state: 'within' };
    }
    begun = undefined;
    const ended = words[0] === `${word}_samples` && words.length === 2;
    const stack = ended ? foldedStack('kernel', frames) : undefined;
    if (stack === undefined) return { state: 'broken', begun: head };
    return { state: 'whole', words: [...head.split(' '), stack, words[1]!] };
  };
}
