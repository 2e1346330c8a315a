import type { Terminal } from './terminal.ts';

const ESCAPABLE = /[\x7f-\x9f\u2028\u2029\p{Bidi_Control}]/gu;

/** A JSON document in which characters that a terminal might interpret are escaped by number. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    ESCAPABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function printJson(value: unknown, terminal: Terminal): void {
  for (const line of jsonText(value).split('\n')) terminal.out(line);
}
