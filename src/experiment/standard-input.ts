/** What the user writes instead of a spec's name, and what is said and stored instead of it. */
export const STANDARD_INPUT = { written: '-', shown: 'standard input' } as const;

/** What a spec is called in messages. */
export function specName(path: string): string {
  return path === STANDARD_INPUT.written ? STANDARD_INPUT.shown : path;
}
