import type { Command, Completes, Option } from '../command.ts';
import { argumentsOf, nameOf } from '../manual/synopsis.ts';
import { databaseFile } from '../options.ts';
import { optionNamed } from '../words/option-words.ts';

/** Only words like these are offered; others could mean something to a shell or a terminal. */
const HARMLESS = /^[\w@.,:=+/-]+$/;

/**
 * Lists what a word that is being typed may become.
 * @param words the words after `ipc-sweep`, up to and including the unfinished one
 * @returns undefined where yargs knows better: for the names of commands and options; an empty list
 *     where a file is expected
 */
export async function candidates(
  words: readonly string[],
  commands: readonly Command[],
): Promise<readonly string[] | undefined> {
  const typed = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const byName = new Map(commands.map((command) => [nameOf(command), command]));
  const at = typed.findIndex((word) => byName.has(word));
  const command = byName.get(typed[at] ?? '');
  if (!command) return undefined;
  const { given, loose, waiting } = readTyped(typed.toSpliced(at, 1), command);
  if (waiting) return offered(waiting, current, given);
  const [, name, value] = /^(--[^=]+=)(.*)$/s.exec(current) ?? [];
  if (name !== undefined && value !== undefined) {
    const option = optionNamed(name, command.options);
    const found = option ? await offered(option, value, given) : [];
    return found.map((word) => name + word);
  }
  if (current.startsWith('-')) return undefined;
  const declared = argumentsOf(command);
  const argument = declared[Math.min(loose, declared.length - 1)];
  const positional = argument && command.positionals[argument.name];
  if (positional === undefined || (loose >= declared.length && !positional.array)) return [];
  return offered(positional, current, given);
}

/** Reads the words before the unfinished one. `waiting` is an option whose value it will be. */
function readTyped(words: readonly string[], command: Command) {
  const given = new Map<string, string>();
  let loose = 0;
  let waiting: Option | undefined;
  let name = '';
  for (const word of words) {
    if (waiting) {
      given.set(name, word);
      waiting = undefined;
      continue;
    }
    if (!/^-./.test(word)) {
      loose++;
      continue;
    }
    const option = optionNamed(word, command.options);
    const [, key = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    name = key;
    if (value !== undefined) given.set(name, value);
    else if (option && option.type !== 'boolean') waiting = option;
  }
  return { given, loose, waiting };
}

type Completable = Pick<Option, 'choices' | 'complete' | 'array' | 'value'>;

/** Lists the values that begin with what has been typed. */
async function offered(
  { choices, complete, value }: Completable,
  current: string,
  given: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  // In a list, only the last value is unfinished.
  const listed = value?.endsWith(',...') ? current.slice(0, current.lastIndexOf(',') + 1) : '';
  const before = listed.split(',');
  const all = choices ? choices.map(String) : await valuesOf(complete, current, given);
  return all
    .filter((word) => listed === '' || !before.includes(word))
    .map((word) => listed + word)
    .filter((word) => word.startsWith(current) && HARMLESS.test(word));
}

async function valuesOf(
  complete: Completes | undefined,
  current: string,
  given: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  switch (complete) {
    case undefined:
      return [];
    case 'sweep':
    case 'side':
    case 'experiment': {
      const { experimentWords, sideWords, sweepWords } = await import('./sweep-words.ts');
      const file = databaseFile({
        db: given.get('db'),
        results: given.get('results') ?? 'results',
      });
      if (complete === 'experiment') return experimentWords(file);
      return complete === 'sweep' ? sweepWords(file, current) : sideWords(file, current);
    }
    case 'table-format':
      return (await import('../../export/formats.ts')).TABLE_FORMATS;
    case 'figure-format':
      return (await import('../../report/render/formats.ts')).FIGURE_FORMATS;
    case 'figure':
      return (await import('../../report/figures.ts')).FIGURE_NAMES;
    case 'tracer':
      return (await import('../../experiment/trace-schema.ts')).TRACERS;
    default:
      return complete;
  }
}
