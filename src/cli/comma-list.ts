import { UserError } from '../errors.ts';
import { nearest } from '../experiment/suggest.ts';

/** The words of a list, separated by commas or given by repeating an option. */
export function wordsOf(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => text.split(',')).map((word) => word.trim());
}

/** @throws UserError for a word that is not one of the known ones */
export function knownWords<Word extends string>(
  option: string,
  given: readonly string[],
  known: readonly Word[],
): readonly Word[] {
  const words = wordsOf(given).map((word) => {
    const found = known.find((it) => it === word);
    if (found) return found;
    const meant = nearest(word, known);
    throw new UserError(
      `--${option}: expected one of ${known.join(', ')}, got ${JSON.stringify(word)}`,
      {
        ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
      },
    );
  });
  return [...new Set(words)];
}
