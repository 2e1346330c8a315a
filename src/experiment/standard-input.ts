/** The text that stands for a spec's name on the command line, and the one to show and store. */
export const STANDARD_INPUT = { written: '-', shown: 'standard input' } as const;

/** Returns the name of a spec in messages. */
export function specName(path: string): string {
  return path === STANDARD_INPUT.written ? STANDARD_INPUT.shown : path;
}
