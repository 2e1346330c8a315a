import yargs, { type Argv } from 'yargs';
import type { ExitCodeValue } from '../errors.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { ownVersion } from '../own-version.ts';
import type { Command } from './command.ts';
import { COMMANDS, COMPLETION, EXIT_CODES, SUMMARY } from './commands.ts';
import { load } from './load.ts';
import { misuse } from './misuse.ts';
import { Ownership } from './ownership.ts';
import type { Terminal } from './terminal.ts';

const EPILOGUE = `Exit codes: ${EXIT_CODES.map(([code, meaning]) => `${code} ${meaning}`).join('; ')}.`;

/** The command line. @returns a parser whose commands leave their exit code by `done` */
export function commandLine(
  terminal: Terminal,
  done: (code: ExitCodeValue) => void,
  commands = COMMANDS,
): Argv {
  const carryOut = async (command: Command, args: unknown) => {
    const carrier = await load(command.load);
    try {
      done(await carrier(args as never, terminal));
    } finally {
      const owner = new Ownership(process.env, process.geteuid?.());
      owner.handBackPrograms(cacheDirectory(process.env));
    }
  };
  const parser = yargs();
  let named: Command | undefined;
  parser.scriptName('ipc-sweep').usage(`$0 COMMAND\n\n${SUMMARY}`);
  for (const command of commands) {
    parser.command(
      command.command,
      command.describe,
      (of) => {
        named = command;
        return declare(of, command);
      },
      (args) => carryOut(command, args),
    );
  }
  return parser
    .completion(COMPLETION.command, COMPLETION.describe)
    .demandCommand(1, 'name a command')
    .strict()
    .recommendCommands()
    .parserConfiguration({ 'duplicate-arguments-array': false, 'parse-positional-numbers': false })
    .version(ownVersion())
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, terminal.width))
    .exitProcess(false)
    .fail((message, error) => {
      // yargs throws what it finds while parsing, and hands over the message of the rest.
      if (error && error.name !== 'YError') throw error;
      throw misuse(error?.message ?? message, parser, named);
    });
}

function declare(parser: Argv, { positionals, options, examples }: Command): Argv {
  for (const [name, positional] of Object.entries(positionals)) parser.positional(name, positional);
  for (const [line, purpose] of examples) parser.example(line, purpose);
  parser.options(options);
  const all = Object.entries({ ...positionals, ...options });
  if (!all.some(([, { array }]) => array)) return parser;
  // Several of one are all kept, but of the others the last counts, as in the other commands.
  const single = all.filter(([, { array }]) => !array).map(([name]) => name);
  return parser
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .middleware((args: Record<string, unknown>) => {
      for (const name of single) {
        const value = args[name];
        if (Array.isArray(value)) args[name] = value.at(-1);
      }
    }, true);
}
