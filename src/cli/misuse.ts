import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';
import { nearest } from '../experiment/suggest.ts';
import type { Command } from './command.ts';

const HELP = '`ipc-sweep --help` lists commands and options';

/** What the user reads when yargs does not understand the words, given to a command or to none. */
export function misuse(found: string, parser: Argv, command: Command | undefined): UserError {
  if (found.startsWith('Did you mean')) {
    return new UserError(`unknown command. ${found}`, { hint: HELP });
  }
  if (!found.startsWith('Not enough non-option arguments')) {
    return new UserError(found, { hint: HELP });
  }
  // yargs counts the words before it looks at options: an unknown one may have taken the spec.
  const taken = unknownOptions(parser).find(({ value }) => typeof value === 'string');
  if (taken) {
    const near = nearest(taken.name, Object.keys(knownOptions(parser)));
    const meant = near === undefined ? '' : `; did you mean --${near}?`;
    return new UserError(`unknown option --${taken.name}, which took ${taken.value}${meant}`, {
      hint: HELP,
    });
  }
  const { message, hint } = command?.missing ?? { message: found, hint: HELP };
  return new UserError(message, { hint });
}

function unknownOptions(parser: Argv): readonly { name: string; value: unknown }[] {
  const known = knownOptions(parser);
  const given = parser.parsed === false ? {} : parser.parsed.argv;
  return Object.entries(given).flatMap(([name, value]) => {
    const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return name === '_' || name === '$0' || dashed in known ? [] : [{ name, value }];
  });
}

/** By name, of the command that was named; a method that the types do not have. */
function knownOptions(parser: Argv): Readonly<Record<string, unknown>> {
  const { key, alias } = (
    parser as unknown as { getOptions(): Record<'key' | 'alias', Record<string, unknown>> }
  ).getOptions();
  return { ...alias, ...key };
}
