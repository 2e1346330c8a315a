import type {
  ArgumentsCamelCase,
  InferredOptionTypes,
  PositionalOptions,
  Options as YargsOption,
} from 'yargs';
import type { ExitCodeValue } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** The words that a shell offers for a value: a list, or the kind that is looked up on demand. */
export type Completes =
  | 'sweep'
  | 'side'
  | 'experiment'
  | 'figure'
  | 'table-format'
  | 'figure-format'
  | 'tracer'
  | readonly string[];

/** An option as passed to yargs. */
export interface Option extends YargsOption {
  readonly describe: string;
  /** The letter of its short form: `-o` for `--output`. */
  readonly alias?: string;
  /** The documentation's name for its value, such as FILE. */
  readonly value?: string;
  readonly complete?: Completes;
}

export interface Positional extends PositionalOptions {
  readonly describe: string;
  /** If true, `-` stands for standard input. */
  readonly standardInput?: true;
  readonly complete?: Completes;
  /** If true, an empty word is a value. */
  readonly mayBeEmpty?: true;
}

export type Options = Readonly<Record<string, Option>>;
export type Positionals = Readonly<Record<string, Positional>>;

type CommandHandler<Args> = (
  args: Args,
  terminal: Terminal,
) => ExitCodeValue | Promise<ExitCodeValue>;

/** The declaration of a command: the parser and the documentation are both made from it. */
export interface Command<Args = never> {
  /** The name and arguments in the syntax of yargs: `status [sweep]`. */
  readonly command: string;
  /** One line, without a full stop. */
  readonly describe: string;
  readonly positionals: Positionals;
  readonly options: Options;
  /** The message if a required argument is missing. */
  readonly missing?: { readonly message: string; readonly hint: string };
  /** Paragraphs for the documentation; words in backquotes are typed literally. */
  readonly details: readonly string[];
  /** A command line, and its purpose. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** Imports the implementation only when needed: `--help` needs none of it. */
  readonly load: () => Promise<CommandHandler<Args>>;
}

/** Declares a command. The function that `load` returns gets arguments typed by the options. */
export function command<const P extends Positionals, const O extends Options>(
  declaration: Command<ArgumentsCamelCase<InferredOptionTypes<P & O>>> & {
    readonly positionals: P;
    readonly options: O;
  },
): Command {
  return declaration as unknown as Command;
}
