import { styleText } from 'node:util';
import { ExitCode, UserError } from '../errors.ts';

/** Where a command writes: data to `out`, talk to `talk`. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly talk: (line: string) => void;
  /** True: `talk` goes to a person, who may be shown a line that changes. */
  readonly interactive: boolean;
  /** Columns of `out`. */
  readonly width: number;
  readonly style: (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;
}

export function processTerminal(): Terminal {
  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  return {
    out,
    talk,
    interactive: process.stderr.isTTY === true,
    width: process.stdout.columns || 80,
    style: (format, text) => (colour ? styleText(format, text) : text),
  };
}

/** A file that is standard output is written to at once; a terminal or a pipe tells later. */
function out(line: string): void {
  try {
    process.stdout.write(`${line}\n`);
  } catch (error) {
    throw outputLost(error as Error);
  }
}

function talk(line: string): void {
  try {
    process.stderr.write(`${line}\n`);
  } catch {
    // There is nowhere left to say it.
  }
}

export function outputLost(error: Error): UserError {
  return new UserError(`cannot write to standard output: ${error.message}`, {
    hint: 'what was measured is stored; `ipc-sweep status` and `ipc-sweep export` show it',
    exitCode: ExitCode.machine,
  });
}

/** What a benchmark said, fit for a terminal: control characters could move its cursor or worse. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}
