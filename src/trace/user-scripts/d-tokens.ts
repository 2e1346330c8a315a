export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'aggregation' | 'mark';
  /** For a string, this is the text between its quotes, without decoding escapes. */
  readonly text: string;
  /** Its first character, counted from the start of the script. */
  readonly at: number;
  /** The character after its last one. */
  readonly end: number;
}

/** A line that begins with `#`, such as `#pragma D option quiet`. */
export interface Directive {
  readonly text: string;
  readonly at: number;
}

export interface Lexed {
  readonly tokens: readonly Token[];
  readonly directives: readonly Directive[];
}

const SKIPPED = /\s+|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/y;
const DIRECTIVE = /#[^\n]*/y;
const TOKENS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', /"([^"\\\n]*(?:\\[\s\S]?[^"\\\n]*)*)"?/y],
  ['number', /'(?:[^'\\\n]|\\.)*'|0[xX][\da-fA-F]+[uUlL]*|\d+[uUlL]*/y],
  ['aggregation', /@(?:[A-Za-z_]\w*)?/y],
  ['word', /(?:\$+|[A-Za-z_])\w*/y],
  ['mark', /->|[\s\S]/y],
];

/**
 * Splits a script into words, without comments and `#` lines. The rules are D's; bpftrace's are
 * close enough. A quote that is never closed ends with its line.
 */
export function tokensOf(script: string): readonly Token[] {
  return lexed(script).tokens;
}

/** Splits a script into words and `#` lines, without comments. */
export function lexed(script: string): Lexed {
  const tokens: Token[] = [];
  const directives: Directive[] = [];
  let at = 0;
  let startsLine = true;
  while (at < script.length) {
    const skipped = matchAt(SKIPPED, script, at);
    if (skipped) {
      startsLine = skipped[0].includes('\n') || (startsLine && skipped[0].trim() === '');
      at += skipped[0].length;
      continue;
    }
    const directive = startsLine ? matchAt(DIRECTIVE, script, at) : null;
    startsLine = false;
    if (directive) {
      directives.push({ text: directive[0], at });
      at += directive[0].length;
      continue;
    }
    for (const [kind, pattern] of TOKENS) {
      const found = matchAt(pattern, script, at);
      if (!found) continue;
      const end = at + found[0].length;
      tokens.push({ kind, text: kind === 'string' ? (found[1] ?? '') : found[0], at, end });
      at = end;
      break;
    }
  }
  return { tokens, directives };
}

export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Returns the text that a quoted string stands for. */
export function unescaped(text: string): string {
  return text.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{1,2})|([\s\S]))/g,
    (_, octal?: string, hex?: string, other?: string) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return ESCAPES[other ?? ''] ?? other ?? '';
    },
  );
}
