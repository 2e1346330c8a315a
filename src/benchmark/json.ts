/** The benchmark prints at most about 200,000 values: 10,000 samples of up to twenty each. */
export const MOST_VALUES = 1_000_000;

export type Json =
  | { readonly state: 'json'; readonly value: unknown }
  | { readonly state: 'broken' }
  | { readonly state: 'too-large' };

/** Reads JSON of limited size: a list of small values takes fifty times the memory of its text. */
export function readJson(text: string): Json {
  if (valuesIn(text) > MOST_VALUES) return { state: 'too-large' };
  try {
    return { state: 'json', value: JSON.parse(text) };
  } catch {
    return { state: 'broken' };
  }
}

const [QUOTE, COMMA, BACKSLASH, LIST, OBJECT] = [34, 44, 92, 91, 123] as const;

/** Returns an upper bound for the number of values in a JSON text, including lists and objects. */
function valuesIn(text: string): number {
  let values = 1;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString) at += code === BACKSLASH ? 1 : 0;
    else if (code === COMMA || code === LIST || code === OBJECT) values++;
  }
  return values;
}
