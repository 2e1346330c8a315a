import { styleText } from 'node:util';
import { ExitCode, UserError } from '../errors.ts';
import { ANSI } from './ansi.ts';
import { fitForTerminal, fitLine } from './terminal-text.ts';
import { cut } from './text-width.ts';

export type TextStyle = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** The capabilities of the device to which `out` writes. */
export interface Screen {
  /** The number of columns of `out`; 80 if it is not a terminal. */
  readonly width: number;
  /** Whether `out` can show more than ASCII. */
  readonly unicode: boolean;
  readonly style: (format: TextStyle, text: string) => string;
}

/**
 * The output of a command: data goes to `out`, messages to `talk`. Whatever a text contains, only
 * characters, line ends, and the styles of `style` reach the terminal.
 */
export interface Terminal extends Screen {
  /** Writes a line; if it begins with a line end, an empty line comes before it. */
  readonly out: (line: string) => void;
  readonly talk: (line: string) => void;
  /** True if `talk` goes to a person, who may be shown a changing line. */
  readonly interactive: boolean;
  /** Shows such a line to that person, replacing the last one; an empty one removes it. */
  readonly live: (line: string) => void;
}

export function processTerminal(): Terminal {
  const colour = showsColour();
  return {
    out,
    talk,
    live,
    interactive: process.stderr.isTTY === true,
    width: process.stdout.columns || 80,
    unicode: speaksUtf8(process.env),
    // Node would look at the environment itself, each version in its own way; showsColour decides.
    style: (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text),
  };
}

export function showsColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/** Checks the variables that name the character set; the first one that is set counts (POSIX). */
export function speaksUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** A write to a file fails at once; for a terminal or a pipe, the error comes later. */
function out(line: string): void {
  try {
    process.stdout.write(`${fitLine(line, showsColour())}\n`);
  } catch (error) {
    throw outputLost(error as Error);
  }
}

function talk(line: string): void {
  const away = liveShown ? ANSI.emptyLine : '';
  liveShown = false;
  try {
    process.stderr.write(`${away}${fitForTerminal(line, false)}\n`);
  } catch {
    // There is nowhere left to report it.
  }
}

/** Whether the terminal's cursor is in a line that is to be replaced. */
let liveShown = false;

function live(line: string): void {
  if (line === '' && !liveShown) return;
  liveShown = line !== '';
  try {
    // Less than the width of the terminal, to avoid a line break; the width may have changed.
    process.stderr.write(ANSI.emptyLine + cut(line, (process.stderr.columns || 80) - 1, ''));
  } catch {
    // The same as for `talk`.
  }
}

export function outputLost(error: Error): UserError {
  return new UserError(`cannot write to standard output: ${error.message}`, {
    hint: 'what was measured is stored; `ipc-sweep status` and `ipc-sweep export` show it',
    exitCode: ExitCode.machine,
  });
}
