/** The text that stands for a spec's name on the command line, and the one to show and store. */
export const STANDARD_INPUT = { written: '-', shown: 'standard input' } as const;

/** Returns the name of a spec in messages. */
export function specName(path: string): string {
  return path === STANDARD_INPUT.written ? STANDARD_INPUT.shown : path;
}

/** The text to show and store in place of a file's name, for a spec that options stand for. */
export const COMMAND_LINE = 'the command line';

/** Whether a spec has no file of its own; its paths then start from the working folder. */
export function isWithoutFile(shown: string): boolean {
  return shown === STANDARD_INPUT.shown || shown === COMMAND_LINE;
}
