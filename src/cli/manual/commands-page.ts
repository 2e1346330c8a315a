import type { Command, Option } from '../command.ts';
import { COMMANDS, COMMON_OPTIONS, COMPLETION, EXIT_CODES, SUMMARY } from '../commands.ts';
import { argumentsOf, defaultOf, nameOf, writtenValue } from './synopsis.ts';

/** docs/commands.md: every command with its arguments and options. */
export function commandsPage(): string {
  const names = [...COMMANDS, COMPLETION].map(
    (it) => `| [\`${nameOf(it)}\`](#${nameOf(it)}) | ${cell(it.describe)} |`,
  );
  const lines = [
    '# Commands',
    '',
    '<!-- Made by `npm run docs` from src/cli/commands.ts and what it names. -->',
    '',
    `${SUMMARY} \`ipc-sweep COMMAND --help\` says the same in short, \`man docs/ipc-sweep.1\` at length.`,
    '',
    ...['| command | what it does |', '| --- | --- |', ...names],
    '',
    'Options of every command:',
    '',
    ...COMMON_OPTIONS.map(([option, meaning]) => `- \`${option}\`: ${meaning}`),
    '',
    '## Exit codes',
    '',
    ...['| code | meaning |', '| --- | --- |'],
    ...EXIT_CODES.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    ...COMMANDS.flatMap(section),
    ...['', `## ${COMPLETION.command}`, '', `${COMPLETION.describe}.`],
  ];
  return `${lines.join('\n')}\n`;
}

function section(command: Command): readonly string[] {
  const { positionals, options, describe, details, examples } = command;
  const given = argumentsOf(command);
  const words = ['ipc-sweep', nameOf(command), ...given.map(({ written }) => written)];
  if (Object.keys(options).length > 0) words.push('[OPTIONS]');
  return [
    ...['', `## ${nameOf(command)}`, '', `${describe}.`],
    ...['', `    ${words.join(' ')}`],
    ...details.flatMap((paragraph) => ['', paragraph]),
    ...table(
      'argument',
      given.map(({ name, written }) => [written, positionals[name] ?? {}]),
    ),
    ...table(
      'option',
      Object.entries(options).map(([name, option]) => [optionWords(name, option), option]),
    ),
    ...(examples.length > 0 ? [''] : []),
    ...examples.map(([line, purpose]) => `- \`${line}\`: ${purpose}`),
  ];
}

function optionWords(name: string, option: Option): string {
  const short = option.alias === undefined ? '' : `-${option.alias}, `;
  return `${short}--${name} ${writtenValue(option)}`.trim();
}

type Described = Pick<Option, 'default' | 'defaultDescription'> & { describe?: unknown };

function table(
  what: string,
  entries: readonly (readonly [string, Described])[],
): readonly string[] {
  if (entries.length === 0) return [];
  const rows = entries.map(([words, described]) => {
    const standard = defaultOf(described);
    const shown = standard === '' ? '' : ` \`${cell(standard)}\` `;
    return `| \`${cell(words)}\` |${shown || ' '}| ${cell(String(described.describe))} |`;
  });
  return ['', `| ${what} | default | meaning |`, '| --- | --- | --- |', ...rows];
}

/** Escapes text for use in a table. */
function cell(text: string): string {
  return text.replace(/\|/g, '\\|');
}
