import { UserError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { argumentsOf, nameOf } from '../manual/synopsis.ts';
import { hintFor } from './option-words.ts';

/** A command's arguments by their names; undefined for an optional one that was left out. */
export type GivenPositionals = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Assigns the words that are not options to a command's arguments.
 * @throws UserError for a misfit
 */
export function readPositionals(words: readonly string[], command: Command): GivenPositionals {
  const declared = argumentsOf(command);
  const read: Record<string, string | readonly string[] | undefined> = {};
  let at = 0;
  for (const { name, written } of declared) {
    const {
      array,
      demandOption,
      standardInput,
      mayBeEmpty,
      default: standard,
    } = command.positionals[name] ?? {};
    const own = words.slice(at, array ? words.length : at + 1);
    at += own.length;
    if (own.length === 0 && demandOption) {
      const { message, hint } = command.missing ?? { message: `${written} is missing`, hint: '' };
      throw new UserError(message, { hint: hint || hintFor(command) });
    }
    for (const word of own) {
      if (word === '' && !mayBeEmpty)
        throw new UserError(`${name.toUpperCase()} is an empty word`, {
          hint: hintFor(command),
        });
      if (word !== '-' || standardInput) continue;
      throw new UserError(`${nameOf(command)} takes no - (standard input or output)`, {
        hint: 'a file called - is written ./-',
      });
    }
    if (own.filter((word) => word === '-').length > 1) {
      throw new UserError('standard input (-) can be read once only');
    }
    read[name] = array ? own : (own[0] ?? standard);
  }
  if (words.length > at) {
    const name = nameOf(command);
    const takes = declared.map(({ written }) => written).join(' ');
    throw new UserError(
      `${name} takes ${takes === '' ? 'no arguments' : `only ${takes}`}, but got ${JSON.stringify(words[at])}`,
      { hint: hintFor(command) },
    );
  }
  return read;
}
