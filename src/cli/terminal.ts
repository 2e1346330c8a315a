import { styleText } from 'node:util';

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
    out: (line) => process.stdout.write(`${line}\n`),
    talk: (line) => process.stderr.write(`${line}\n`),
    interactive: process.stderr.isTTY === true,
    width: process.stdout.columns || 80,
    style: (format, text) => (colour ? styleText(format, text) : text),
  };
}

/** What a benchmark said, fit for a terminal: control characters could move its cursor or worse. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}
