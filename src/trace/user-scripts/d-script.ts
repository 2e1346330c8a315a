import { type Token, tokensOf, unescaped } from './d-tokens.ts';
import { argumentsOf, closing, conversionOf, type KeyKind, kindOfKey } from './key-kinds.ts';

/** `@name[keys] = function(parameters)` */
export interface Aggregation {
  readonly name: string;
  readonly function: string;
  readonly keys: readonly KeyKind[];
  /** How printa() prints each key; undefined for one whose type isn't obvious. */
  readonly conversions?: readonly ('%s' | '%d' | undefined)[];
  /** The function's plain numbers after its first argument; undefined for anything else. */
  readonly parameters: readonly (bigint | undefined)[];
}

/** `printa("format", @name, ...)`, or without a format. */
export interface Printing {
  readonly format: string | undefined;
  readonly names: readonly string[];
  /** True in an END clause without a predicate: it has printed before dtrace's own final output. */
  readonly atEnd: boolean;
}

export interface Script {
  readonly aggregations: readonly Aggregation[];
  readonly printings: readonly Printing[];
  /** Some text is printed without a newline at its end, so the next output is on the same line. */
  readonly runsOn: boolean;
}

/** Finds what a script can print, as far as its text tells. Any text will do; none is checked. */
export function readScript(script: string): Script {
  const tokens = tokensOf(script);
  const aggregations = new Map<string, Aggregation>();
  const printings: Printing[] = [];
  let runsOn = false;
  let header: string[] = [];
  let depth = 0;
  let atEnd = false;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'mark' && token.text === '{' && depth++ === 0) {
      atEnd = /^(?:dtrace:*)?END$/.test(header.join(''));
      header = [];
    } else if (token.kind === 'mark' && token.text === '}') {
      depth = Math.max(0, depth - 1);
    } else if (depth === 0) {
      if (token.text === ';') header = [];
      else header.push(token.text);
    } else if (token.kind === 'aggregation') {
      const found = readAggregation(tokens, index);
      if (found && !aggregations.has(found.name)) aggregations.set(found.name, found);
    } else if (token.text === 'printa' && token.kind === 'word') {
      printings.push(readPrinting(argumentsAfter(tokens, index), atEnd));
    } else if (token.text === 'trace' || token.text === 'printf') {
      const [format] = argumentsAfter(tokens, index)[0] ?? [];
      if (token.kind === 'word') {
        runsOn ||= !(format?.kind === 'string' && format.text.endsWith('\\n'));
      }
    }
  }
  return { aggregations: [...aggregations.values()], printings, runsOn };
}

function readAggregation(tokens: readonly Token[], index: number): Aggregation | undefined {
  const name = nameOf(tokens[index] as Token);
  let at = index + 1;
  let keys: readonly KeyKind[] = [];
  let conversions: Aggregation['conversions'] = [];
  if (tokens[at]?.text === '[') {
    const end = closing(tokens, at);
    const expressions = argumentsOf(tokens.slice(at + 1, end));
    keys = expressions.map(kindOfKey);
    conversions = expressions.map(conversionOf);
    at = end + 1;
  }
  const [assign, call, open] = tokens.slice(at, at + 3);
  if (assign?.text !== '=' || call?.kind !== 'word' || open?.text !== '(') return undefined;
  const parameters = argumentsAfter(tokens, at + 1)
    .slice(1)
    .map(numberOf);
  return { name, function: call.text, keys, conversions, parameters };
}

function readPrinting(parts: readonly (readonly Token[])[], atEnd: boolean): Printing {
  const [first] = parts[0] ?? [];
  const names = parts.flatMap((part) => {
    const [token] = part;
    return token?.kind === 'aggregation' ? [nameOf(token)] : [];
  });
  const format = first?.kind === 'string' ? unescaped(first.text) : undefined;
  return { format, names, atEnd };
}

function argumentsAfter(tokens: readonly Token[], index: number): readonly (readonly Token[])[] {
  if (tokens[index + 1]?.text !== '(') return [];
  return argumentsOf(tokens.slice(index + 2, closing(tokens, index + 1)));
}

/** `@` alone is an aggregation like any other; dtrace calls it `_`. */
function nameOf(token: Token): string {
  return token.text.slice(1) || '_';
}

function numberOf(tokens: readonly Token[]): bigint | undefined {
  const text = tokens.map((token) => token.text).join('');
  return /^-?\d{1,21}$/.test(text) ? BigInt(text) : undefined;
}
