import { UserError } from '../../errors.ts';
import { nearest } from '../../experiment/suggest.ts';
import type { Command, Option } from '../command.ts';
import { COMPLETION } from '../commands.ts';
import { nameOf } from '../manual/synopsis.ts';
import { type GivenOptions, optionNamed, readOptions, unknownOption } from './option-words.ts';
import { type GivenPositionals, readPositionals } from './positional-words.ts';

export const HELP_HINT = '`ipc-sweep --help` lists commands and options';

/** The request that a command line expresses. */
export type CommandLine =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | { readonly kind: 'completion' }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly given: GivenOptions;
      readonly positionals: GivenPositionals;
    };

/**
 * Reads the words after `ipc-sweep`. Every word is either understood or refused here: yargs would
 * silently drop some, and has its own messages for others.
 * @throws UserError naming the first word that does not fit
 */
export function readCommandLine(
  words: readonly string[],
  commands: readonly Command[],
): CommandLine {
  const end = words.indexOf('--');
  const open = end === -1 ? words : words.slice(0, end);
  const at = commandWordAt(words, commands);
  const word = words[at];
  const command = commands.find((it) => nameOf(it) === word);
  if (open.includes('--help') || open.includes('-h')) return { kind: 'help', command };
  if (open.includes('--version')) return { kind: 'version' };
  if (word === undefined) {
    const option = open.find((it) => /^-./.test(it));
    const known = option === undefined || optionNamed(option, everyOption(commands)) !== undefined;
    throw known
      ? new UserError('name a command', { hint: HELP_HINT })
      : unknownOption(option, undefined, commands);
  }
  const rest = words.filter((_, index) => index !== at);
  if (word === 'help') {
    return { kind: 'help', command: commands.find((it) => nameOf(it) === rest[0]) };
  }
  if (word === COMPLETION.command) {
    if (rest.length === 0) return { kind: 'completion' };
    throw new UserError(`completion takes no arguments, got ${JSON.stringify(rest[0])}`, {
      hint: 'it prints the script for the shell that SHELL names',
    });
  }
  if (!command) throw unknownCommand(word, commands);
  const { given, loose } = readOptions(rest, command, commands);
  return { kind: 'command', command, given, positionals: readPositionals(loose, command) };
}

/**
 * Finds the command: options may come before it, and some of them take the next word as a value.
 */
function commandWordAt(words: readonly string[], commands: readonly Command[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return at + 1;
    if (!/^-./.test(word)) return at;
    const meanings = commands.flatMap(({ options }) => optionNamed(word, options) ?? []);
    const withValue = meanings.filter(({ type }) => type !== 'boolean');
    if (withValue.length === 0 || word.includes('=')) continue;
    // For one command it may be a switch, while for another it takes a value.
    const next = words[at + 1];
    const either = withValue.length < meanings.length;
    if (!either || !commands.some((command) => nameOf(command) === next)) at++;
  }
  return words.length;
}

function everyOption(commands: readonly Command[]): Readonly<Record<string, Option>> {
  return Object.assign({}, ...commands.map(({ options }) => options));
}

function unknownCommand(word: string, commands: readonly Command[]): UserError {
  const names = [...commands.map(nameOf), COMPLETION.command];
  const near = nearest(word, names);
  if (near !== undefined) {
    return new UserError(`unknown command ${JSON.stringify(word)}; did you mean ${near}?`, {
      hint: HELP_HINT,
    });
  }
  return new UserError(`unknown command ${JSON.stringify(word)}`, {
    hint: /\.ya?ml$/.test(word) ? `to run a spec: ipc-sweep run ${word}` : HELP_HINT,
  });
}
