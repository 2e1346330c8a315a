import type {
  ArgumentsCamelCase,
  InferredOptionTypes,
  PositionalOptions,
  Options as YargsOption,
} from 'yargs';
import type { ExitCodeValue } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** An option as yargs takes it. */
export interface Option extends YargsOption {
  readonly describe: string;
  /** What the documentation calls its value, such as FILE. */
  readonly value?: string;
}

export interface Positional extends PositionalOptions {
  readonly describe: string;
  /** True: `-` stands for standard input. */
  readonly standardInput?: true;
}

export type Options = Readonly<Record<string, Option>>;
export type Positionals = Readonly<Record<string, Positional>>;

type Carrier<Args> = (args: Args, terminal: Terminal) => ExitCodeValue | Promise<ExitCodeValue>;

/** A command as it is declared: the parser and its documentation are made from the same words. */
export interface Command<Args = never> {
  /** Its name and its arguments, as yargs reads them: `status [sweep]`. */
  readonly command: string;
  /** One line, without a full stop. */
  readonly describe: string;
  readonly positionals: Positionals;
  readonly options: Options;
  /** What is said when an argument is missing that it cannot do without. */
  readonly missing?: { readonly message: string; readonly hint: string };
  /** Paragraphs for the documentation; words between backquotes are typed as they are. */
  readonly details: readonly string[];
  /** A command line, and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  /** Imports what carries it out only now: `--help` needs none of it. */
  readonly load: () => Promise<Carrier<Args>>;
}

/** Declares a command. What `load` gives takes the arguments by the types that the options have. */
export function command<const P extends Positionals, const O extends Options>(
  declaration: Command<ArgumentsCamelCase<InferredOptionTypes<P & O>>> & {
    readonly positionals: P;
    readonly options: O;
  },
): Command {
  return declaration as unknown as Command;
}
