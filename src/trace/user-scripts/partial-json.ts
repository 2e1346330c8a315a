import { matchAt } from './d-tokens.ts';
import { type Integer, integerOf } from './integers.ts';

/** The members in order: a key may come twice, and does in what libxo prints. */
export interface JsonObject {
  readonly members: readonly (readonly [key: string, value: JsonValue])[];
}
/** Whole numbers are exact, whatever their size. */
export type JsonValue = string | Integer | boolean | null | readonly JsonValue[] | JsonObject;

const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const SCALAR = /(?:true|false|null|-?\d[\d.eE+-]*)(?=[\s,\]}])/y;
/** Longer numbers never come from a tracer; they stay what JSON makes of them. */
const WHOLE_NUMBER = /^-?\d{1,40}$/;
const BLANKS: ReadonlySet<string | undefined> = new Set([' ', '\t', '\n', '\r', ',']);
const DEEPEST = 64;

/**
 * Reads as much of a JSON document as there is. Unfinished values are kept as far as they go,
 * except scalars that were cut off and incomplete members that are listed in `whole`. `complete` is
 * false if anything was missing; `rest` is what follows the document.
 */
export function readPartialJson(
  text: string,
  whole: ReadonlySet<string>,
): {
  readonly value: JsonValue | undefined;
  readonly complete: boolean;
  readonly rest: string;
} {
  const reader = new PartialReader(text, whole);
  const value = reader.value(0);
  return { value, complete: !reader.broken, rest: reader.rest };
}

export function membersOf(value: JsonValue | undefined, key: string): readonly JsonValue[] {
  if (!isObject(value)) return [];
  return value.members.flatMap(([name, member]) => (name === key ? [member] : []));
}

export function itemsOf(value: JsonValue | undefined, key: string): readonly JsonValue[] {
  const [list] = membersOf(value, key);
  return Array.isArray(list) ? list : [];
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && 'members' in value;
}

class PartialReader {
  readonly #text: string;
  readonly #whole: ReadonlySet<string>;
  #at = 0;
  broken = false;

  constructor(text: string, whole: ReadonlySet<string>) {
    this.#text = text;
    this.#whole = whole;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  value(depth: number): JsonValue | undefined {
    this.#skipBlanks();
    const mark = this.#text[this.#at];
    if (depth < DEEPEST && mark === '{') return this.#object(depth);
    if (depth < DEEPEST && mark === '[') return this.#list(depth);
    const scalar = matchAt(mark === '"' ? STRING : SCALAR, this.#text, this.#at);
    if (!scalar) return this.#break();
    this.#at += scalar[0].length;
    try {
      const parsed = JSON.parse(scalar[0]) as string | number | boolean | null;
      const rounded = typeof parsed === 'number' && !Number.isSafeInteger(parsed);
      return rounded && WHOLE_NUMBER.test(scalar[0]) ? integerOf(scalar[0]) : parsed;
    } catch {
      return this.#break();
    }
  }

  #object(depth: number): JsonObject {
    const members: (readonly [string, JsonValue])[] = [];
    this.#at++;
    while (!this.#closes('}')) {
      const key = this.value(DEEPEST);
      this.#skipBlanks();
      if (typeof key !== 'string' || this.#text[this.#at] !== ':') {
        this.#break();
        break;
      }
      this.#at++;
      const value = this.value(depth + 1);
      if (value === undefined || (this.broken && this.#whole.has(key))) break;
      members.push([key, value]);
    }
    return { members };
  }

  #list(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    while (!this.#closes(']')) {
      const item = this.value(depth + 1);
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  }

  /** Returns true at the closing mark, which it consumes, and always once something was broken. */
  #closes(mark: string): boolean {
    this.#skipBlanks();
    if (this.broken) return true;
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    while (BLANKS.has(this.#text[this.#at])) this.#at++;
  }

  #break(): undefined {
    this.broken = true;
  }
}
