import { matchAt } from './d-tokens.ts';

/** Members in order: one key may come twice, and does in what libxo prints. */
export interface JsonObject {
  readonly members: readonly (readonly [key: string, value: JsonValue])[];
}
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

const STRING = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const SCALAR = /(?:true|false|null|-?\d[\d.eE+-]*)(?=[\s,\]}])/y;
const BLANKS = /[\s,]*/y;
const DEEPEST = 64;

/**
 * Reads as much of a JSON document as there is: what was begun and not finished is there as far
 * as it goes, but no scalar that was cut off, nor the members that are `whole` or nothing.
 * `complete` is false where anything was missing.
 */
export function readPartialJson(
  text: string,
  whole: ReadonlySet<string>,
): {
  readonly value: JsonValue | undefined;
  readonly complete: boolean;
} {
  const reader = new PartialReader(text, whole);
  const value = reader.value(0);
  return { value, complete: !reader.broken };
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

  value(depth: number): JsonValue | undefined {
    this.#skipBlanks();
    const mark = this.#text[this.#at];
    if (depth < DEEPEST && mark === '{') return this.#object(depth);
    if (depth < DEEPEST && mark === '[') return this.#list(depth);
    const scalar = matchAt(mark === '"' ? STRING : SCALAR, this.#text, this.#at);
    if (!scalar) return this.#break();
    this.#at += scalar[0].length;
    try {
      return JSON.parse(scalar[0]) as string | number | boolean | null;
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

  /** True at the closing mark, which it takes, and everywhere once something was broken. */
  #closes(mark: string): boolean {
    this.#skipBlanks();
    if (this.broken) return true;
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #skipBlanks(): void {
    this.#at += matchAt(BLANKS, this.#text, this.#at)?.[0].length ?? 0;
  }

  #break(): undefined {
    this.broken = true;
  }
}
