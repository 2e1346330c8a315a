import yargs, { type Argv } from 'yargs';
import { ExitCode, type ExitCodeValue } from '../errors.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { ownVersion } from '../own-version.ts';
import type { Command } from './command.ts';
import { COMMANDS, COMPLETION, EXIT_CODES, SUMMARY } from './commands.ts';
import { load } from './import-part.ts';
import { argumentsOf, nameOf } from './manual/synopsis.ts';
import { Ownership } from './ownership.ts';
import type { Terminal } from './terminal.ts';
import { type CommandLine, readCommandLine } from './words/command-line.ts';

const EPILOGUE = `Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join('; ')}.`;

/** The option that a shell uses to complete a word; yargs handles it. */
const COMPLETE = '--get-yargs-completions';

/**
 * Executes a command line.
 * @throws UserError when it is not understood, or cannot be carried out
 */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
  commands = COMMANDS,
): Promise<ExitCodeValue> {
  let code: ExitCodeValue = ExitCode.ok;
  const completing = words.indexOf(COMPLETE);
  if (completing !== -1) {
    // The first word is `ipc-sweep` itself.
    const own = await ownCandidates(words.slice(completing + 2), commands);
    if (own) {
      for (const word of own) terminal.out(word);
      return ExitCode.ok;
    }
  }
  const asked = completing !== -1 ? undefined : readCommandLine(words, commands);
  if (asked?.kind === 'completion') {
    const { completionScript } = await load(() => import('./completion/script.ts'));
    for (const line of completionScript(process.env).trimEnd().split('\n')) terminal.out(line);
    return ExitCode.ok;
  }
  // yargs lays out the help of every command that it starts, which takes long if lines are wrapped.
  const width = asked?.kind === 'command' ? null : Math.min(100, terminal.width);
  const parser = parserOf(commands, width, async (command, args) => {
    const own = asked?.kind === 'command' ? asWritten(asked) : {};
    code = await runCommand(command, { ...args, ...own }, terminal);
  });
  let said = '';
  await parser.parseAsync(asked ? wordsFor(asked) : [...words], {}, (error, _, output) => {
    if (error) throw error;
    said = output;
  });
  if (said !== '') for (const line of said.split('\n')) terminal.out(line);
  return code;
}

/** Never fails: if something is wrong, the command says it once it is started. */
async function ownCandidates(
  words: readonly string[],
  commands: readonly Command[],
): Promise<readonly string[] | undefined> {
  try {
    const { candidates } = await import('./completion/candidates.ts');
    const found = await candidates(words, commands);
    // In zsh, a colon divides a word from its description.
    const inZsh = process.env.SHELL?.endsWith('zsh') ?? false;
    return inZsh ? found?.map((word) => word.replaceAll(':', '\\:')) : found;
  } catch {
    return [];
  }
}

/**
 * The arguments and the text options as the user typed them. yargs has seen placeholders for the
 * arguments, because it treats some of them specially, and it removes quotes from text.
 */
function asWritten({ command, positionals, given }: CommandLine & { kind: 'command' }) {
  const options = [...given].flatMap(([name, values]) => {
    const { type, array } = command.options[name] ?? {};
    if (type !== 'string') return [];
    const value = array ? values : values.at(-1);
    const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [[name, value] as const, [camel, value] as const];
  });
  return { ...positionals, ...Object.fromEntries(options) };
}

function wordsFor(asked: Exclude<CommandLine, { kind: 'completion' }>): string[] {
  switch (asked.kind) {
    case 'help':
      return asked.command ? [nameOf(asked.command), '--help'] : ['--help'];
    case 'version':
      return ['--version'];
    case 'command': {
      const standIns = argumentsOf(asked.command).flatMap(({ name }) =>
        [asked.positionals[name] ?? []].flat().map(() => name),
      );
      const options = [...asked.given].flatMap(([name, values]) =>
        values.map((value) => `--${name}=${value}`),
      );
      return [nameOf(asked.command), ...standIns, ...options];
    }
  }
}

async function runCommand(
  command: Command,
  args: unknown,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const handler = await load(command.load);
  try {
    return await handler(args as never, terminal);
  } finally {
    const owner = new Ownership(process.env, process.geteuid?.());
    owner.handBackPrograms(cacheDirectory(process.env));
  }
}

/** yargs writes the help, completes words and converts options to values. */
function parserOf(
  commands: readonly Command[],
  width: number | null,
  run: (command: Command, args: object) => Promise<void>,
): Argv {
  const parser = yargs();
  parser.scriptName('ipc-sweep').usage(`$0 COMMAND\n\n${SUMMARY}`);
  for (const command of commands) {
    parser.command(
      command.command,
      command.describe,
      (of) => declare(of, command),
      (args) => run(command, args),
    );
  }
  return parser
    .completion(COMPLETION.command, COMPLETION.describe)
    .parserConfiguration({ 'greedy-arrays': false, 'parse-positional-numbers': false })
    .version(ownVersion())
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(width)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
}

function declare(parser: Argv, { positionals, options, examples }: Command): Argv {
  for (const [name, positional] of Object.entries(positionals)) parser.positional(name, positional);
  for (const [line, purpose] of examples) parser.example(line, purpose);
  return parser.options(options);
}
