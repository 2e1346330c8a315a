import { styleText } from 'node:util';
import { ExitCode, UserError } from '../errors.ts';
import { ANSI } from './ansi.ts';
import { fitForTerminal, fitLine } from './terminal-text.ts';
import { cut } from './text-width.ts';

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** What can be shown where `out` goes to. */
export interface Screen {
  /** Columns of `out`; 80 where it is no terminal. */
  readonly width: number;
  /** Whether `out` may be sent more than ASCII. */
  readonly unicode: boolean;
  readonly style: (format: Format, text: string) => string;
}

/**
 * Where a command writes: data to `out`, talk to `talk`. Whatever a text holds, no more of it
 * reaches the terminal than characters, ends of lines, and the styles of `style`.
 */
export interface Terminal extends Screen {
  /** A line; where it begins with an end of line, an empty one before it. */
  readonly out: (line: string) => void;
  readonly talk: (line: string) => void;
  /** True: `talk` goes to a person, who may be shown a line that changes. */
  readonly interactive: boolean;
  /** Shows such a line to that person, instead of the last one; an empty one takes it away. */
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
    style: (format, text) => (colour ? styleText(format, text) : text),
  };
}

export function showsColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/** Of the variables that name the character set, the first that is set counts (POSIX). */
export function speaksUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

/** A file that is standard output is written to at once; a terminal or a pipe tells later. */
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
    // There is nowhere left to say it.
  }
}

/** Whether the terminal's cursor stands in a line that is to be replaced. */
let liveShown = false;

function live(line: string): void {
  if (line === '' && !liveShown) return;
  liveShown = line !== '';
  try {
    // Never as wide as the terminal, which would begin a new line; it may have changed since.
    process.stderr.write(ANSI.emptyLine + cut(line, (process.stderr.columns || 80) - 1, ''));
  } catch {
    // As for `talk`.
  }
}

export function outputLost(error: Error): UserError {
  return new UserError(`cannot write to standard output: ${error.message}`, {
    hint: 'what was measured is stored; `ipc-sweep status` and `ipc-sweep export` show it',
    exitCode: ExitCode.machine,
  });
}
