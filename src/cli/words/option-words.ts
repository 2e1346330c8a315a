import { UserError } from '../../errors.ts';
import { nearest } from '../../experiment/suggest.ts';
import type { Command, Option, Options } from '../command.ts';
import { COMMON_OPTIONS } from '../commands.ts';
import { nameOf } from '../manual/synopsis.ts';

/**
 * The values of options by their names: one each, or several for an option that may be repeated.
 */
export type GivenOptions = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a command's options; the other words are `loose`.
 * @throws UserError naming the first that does not fit
 */
export function readOptions(
  words: readonly string[],
  command: Command,
  commands: readonly Command[],
): { readonly given: GivenOptions; readonly loose: readonly string[] } {
  const given = new Map<string, string[]>();
  const loose: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      loose.push(...words.slice(at + 1));
      break;
    }
    if (!/^-./.test(word)) {
      loose.push(word);
      continue;
    }
    const named = spelled(word, command.options);
    if (!named) throw unknownOption(word, command, commands);
    const { name, option } = named;
    let { value } = named;
    if (value === undefined) {
      if (option.type === 'boolean') value = 'true';
      else value = following(name, option, words[++at]);
    }
    checkValue(name, option, value);
    // If an option takes a single value, the last one counts, so that a script's option can be
    // overridden.
    given.set(name, option.array ? [...(given.get(name) ?? []), value] : [value]);
  }
  for (const [name, { conflicts }] of Object.entries(command.options)) {
    const other = [conflicts].flat().find((it) => typeof it === 'string' && given.has(it));
    if (given.has(name) && other !== undefined) {
      throw new UserError(`--${name} and --${other} exclude each other`, {
        hint: hintFor(command),
      });
    }
  }
  return { given, loose };
}

/** The option that a word names, ignoring anything after `=`. */
export function optionNamed(word: string, options: Options): Option | undefined {
  return spelled(word, options)?.option;
}

function spelled(word: string, options: Options) {
  const [, letter, behind] = /^-([^-=])(?:=(.*))?$/s.exec(word) ?? [];
  const short = Object.entries(options).find(([, { alias }]) => alias && alias === letter);
  if (short) return { name: short[0], option: short[1], value: behind };
  const [, no, name = '', value] = /^--(no-)?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const whole = no === undefined ? name : no + name;
  const option = Object.hasOwn(options, whole) ? options[whole] : undefined;
  if (option) return { name: whole, option, value };
  const negated = no !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;
  if (negated?.type !== 'boolean' || value !== undefined) return undefined;
  return { name, option: negated, value: 'false' };
}

/** The word after an option that takes a value. */
function following(name: string, option: Option, word: string | undefined): string {
  if (word === undefined) throw new UserError(`--${name}: ${expectation(option)} is missing`);
  if (!/^-./.test(word)) return word;
  throw new UserError(`--${name}: ${expectation(option)} is missing before ${word}`, {
    hint: `a value that begins with a dash needs an equals sign: --${name}=${word}`,
  });
}

function checkValue(name: string, option: Option, value: string): void {
  const refuse = (hint?: string) => {
    const got = `--${name}: expected ${expectation(option)}, got ${JSON.stringify(value)}`;
    throw new UserError(got, hint === undefined ? {} : { hint });
  };
  if (option.type === 'boolean') {
    if (value !== 'true' && value !== 'false') refuse(`--${name} alone means yes`);
    return;
  }
  if (option.choices) {
    const words = option.choices.map(String);
    if (words.includes(value)) return;
    const near = typeof option.choices[0] === 'string' ? nearest(value, words) : undefined;
    refuse(near === undefined ? undefined : `did you mean ${near}?`);
  }
  if (option.type === 'number' && !/^\d{1,15}(\.\d{1,15})?$/.test(value)) refuse();
  if (value === '') refuse();
  if (value === '-' && (option.value === 'FILE' || option.value === 'FOLDER')) {
    refuse(
      `this option takes no standard input or output; a ${option.value?.toLowerCase()} called - is written ./-`,
    );
  }
}

/** Completes "expected ..., got ...". */
function expectation({ choices, type, value }: Option): string {
  if (choices) return choices.join(' or ');
  if (type === 'boolean') return 'true or false';
  if (type === 'number') return `a number (${value ?? 'VALUE'})`;
  return `a ${(value ?? 'VALUE').replace(',...', '')}`;
}

export function unknownOption(
  word: string,
  command: Command | undefined,
  commands: readonly Command[],
): UserError {
  const written = word.replace(/=.*/s, '');
  const name = written.replace(/^-+/, '');
  const own = [
    ...Object.keys(command?.options ?? Object.assign({}, ...commands.map((it) => it.options))),
    ...COMMON_OPTIONS.map(([words]) => words.replace(/^.*--/, '')),
  ];
  const near = nearest(name, own);
  const message = `unknown option ${written}`;
  if (near !== undefined) {
    return new UserError(`${message}; did you mean --${near}?`, { hint: hintFor(command) });
  }
  const others = commands.filter(({ options }) => Object.hasOwn(options, name)).map(nameOf);
  const whose = others.length > 0 ? `; it belongs to ${others.join(', ')}` : '';
  return new UserError(`${message}${whose}`, { hint: hintFor(command) });
}

export function hintFor(command: Command | undefined): string {
  return command === undefined
    ? '`ipc-sweep --help` lists commands and options'
    : `\`ipc-sweep ${nameOf(command)} --help\` lists its options`;
}
