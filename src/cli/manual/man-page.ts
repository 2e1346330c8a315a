import type { Command, Option } from '../command.ts';
import { COMMANDS, COMMON_OPTIONS, COMPLETION, EXIT_CODES, SUMMARY } from '../commands.ts';
import { escaped, macro, paragraph } from './roff.ts';
import { argumentsOf, defaultOf, nameOf, writtenValue } from './synopsis.ts';

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['NO_COLOR', 'When it is set to any text, nothing is coloured.'],
  ['LC_ALL, LC_CTYPE, LANG', 'The first that is set says whether bars may be more than ASCII.'],
  ['XDG_CACHE_HOME', 'Built benchmarks are kept in `ipc-sweep` in there, else in `~/.cache`.'],
];

const FILES: readonly (readonly [string, string])[] = [
  ['results/ipc-sweep.db', 'Every sweep and its runs, an SQLite database.'],
  ['results/NAME-ID/', 'The CSV files of a sweep.'],
];

/** docs/ipc-sweep.1, in mdoc(7). @param date in the format of mdoc: `November 25, 2026` */
export function manPage(date: string): string {
  const lines = [
    '.\\" Made by `npm run docs` from src/cli/commands.ts and what it names.',
    macro('Dd', date),
    macro('Dt', 'IPC-SWEEP', '1'),
    '.Os',
    ...['.Sh NAME', '.Nm ipc-sweep'],
    macro('Nd', escaped(SUMMARY.replace(/\.$/, '').replace(/^E/, 'e'))),
    ...['.Sh SYNOPSIS', '.Nm', '.Ar command', '.Op Ar options'],
    '.Sh DESCRIPTION',
    ...paragraph(
      '`ipc-sweep` runs what a YAML file asks for, traces every run, stores it in a database, and writes tables, charts and comparisons.',
    ),
    '.Pp',
    'Options of every command:',
    ...tagged(COMMON_OPTIONS.map(([words, meaning]) => [flags(words), meaning])),
    '.Sh COMMANDS',
    ...[...COMMANDS].flatMap(subsection),
    ...[`.Ss ${nameOf(COMPLETION)}`, ...paragraph(`${COMPLETION.describe}.`)],
    '.Sh ENVIRONMENT',
    ...tagged(ENVIRONMENT.map(([names, meaning]) => [macroWords('Ev', names), meaning])),
    '.Sh FILES',
    ...tagged(FILES.map(([name, meaning]) => [`Pa ${escaped(name)}`, meaning])),
    '.Sh EXIT STATUS',
    ...tagged(EXIT_CODES.map(([code, meaning]) => [String(code), sentence(meaning)])),
    '.Sh EXAMPLES',
    ...COMMANDS.flatMap(({ examples }) => examples).flatMap(([line, purpose], at) => [
      ...(at === 0 ? [] : ['.Pp']),
      ...paragraph(`${purpose}:`),
      macro('Dl', escaped(line)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function subsection(command: Command): readonly string[] {
  const { positionals, options, describe, details } = command;
  const given = argumentsOf(command);
  const words = given.map(({ written }) => {
    const name = written.replace(/[[\]]/g, '');
    return written.startsWith('[') ? `Oo Ar ${name} Oc` : `Ar ${name}`;
  });
  if (Object.keys(options).length > 0) words.push('Op Ar OPTIONS');
  return [
    macro('Ss', nameOf(command)),
    macro('D1', 'Nm', 'ipc-sweep', 'Cm', escaped(nameOf(command)), ...words),
    '.Pp',
    ...[`${describe}.`, ...details].flatMap((text, at) => [
      ...(at === 0 ? [] : ['.Pp']),
      ...paragraph(text),
    ]),
    ...tagged([
      ...given.map(({ name, written }): [string, string] => [
        `Ar ${escaped(written.replace(/[[\]]/g, ''))}`,
        meaning(positionals[name] ?? {}),
      ]),
      ...Object.entries(options).map(([name, option]): [string, string] => {
        const value = writtenValue(option).split('|').map(escaped).join(' | ');
        const short = option.alias === undefined ? '' : `Fl ${escaped(option.alias)} , `;
        return [
          `${short}Fl -${escaped(name)}${value === '' ? '' : ` Ar ${value}`}`,
          meaning(option),
        ];
      }),
    ]),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

type Described = Pick<Option, 'default' | 'defaultDescription'> & { describe?: unknown };

function meaning(described: Described): string {
  const standard = defaultOf(described);
  return `${String(described.describe)}.${standard === '' ? '' : ` Default: \`${standard}\`.`}`;
}

/** A list of tags and their meanings. */
function tagged(entries: readonly (readonly [tag: string, meaning: string])[]): readonly string[] {
  if (entries.length === 0) return [];
  return [
    macro('Bl', '-tag', '-width', 'Ds'),
    ...entries.flatMap(([tag, text]) => [macro('It', tag), ...paragraph(text)]),
    '.El',
  ];
}

/** `-h, --help` */
function flags(words: string): string {
  return words
    .split(', ')
    .map((word) => `Fl ${escaped(word.slice(1)).replace(/^\\-/, '-')}`)
    .join(' , ');
}

function macroWords(name: string, words: string): string {
  return words
    .split(', ')
    .map((word) => `${name} ${word}`)
    .join(' , ');
}
