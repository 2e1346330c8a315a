import { UserError } from '../errors.ts';
import { nearest } from '../experiment/suggest.ts';
import type { Figure } from './figure.ts';

/**
 * Chooses figures by name. A name selects every figure whose own name begins with it, word by word:
 * `bandwidth` also selects `bandwidth-1MiB`.
 * @param wanted if empty, all figures
 * @throws UserError when a name selects none
 */
export function chooseFigures(
  figures: readonly Figure[],
  wanted: readonly string[],
): readonly Figure[] {
  if (wanted.length === 0) return figures;
  const fits = ({ name }: Figure, word: string) => name === word || name.startsWith(`${word}-`);
  for (const word of wanted) {
    if (!figures.some((figure) => fits(figure, word))) throw unknownFigure(word, figures);
  }
  return figures.filter((figure) => wanted.some((word) => fits(figure, word)));
}

function unknownFigure(word: string, figures: readonly Figure[]): UserError {
  const names = figures.map(({ name }) => name);
  const stems = names.flatMap((name) =>
    name.split('-').map((_, at, words) => words.slice(0, at + 1).join('-')),
  );
  const near = nearest(word, [...new Set(stems)]);
  return new UserError(`this sweep has no figure ${JSON.stringify(word)}`, {
    hint: `${near === undefined ? '' : `did you mean ${near}? `}it has ${names.join(', ')}`,
  });
}
