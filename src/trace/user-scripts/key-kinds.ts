import type { Token } from './d-tokens.ts';

/** The form in which a key is printed: the column that a default layout gives it. */
export type KeyKind = 'text' | 'integer' | 'stack' | 'any';

const words = (text: string) => new Set(text.split(/\s+/));

const TEXTS = words('execname probefunc probemod probename probeprov zonename jailname root cwd');
const INTEGERS = words(
  `pid ppid tid uid gid cpu id jid timestamp vtimestamp walltimestamp errno stackdepth ustackdepth
  ipl caller ucaller arg0 arg1 arg2 arg3 arg4 arg5 arg6 arg7 arg8 arg9`,
);
const TEXT_CALLS = words(
  `stringof copyinstr basename dirname cleanpath strjoin strtok substr strstr strchr strrchr
  lltostr inet_ntoa inet_ntoa6 inet_ntop sym func mod usym ufunc umod uaddr`,
);
const STACK_CALLS = words('stack ustack jstack');
const TYPES = words(
  `char short int long unsigned signed size_t ssize_t off_t pid_t id_t uid_t gid_t dev_t
  int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t intptr_t u_int
  u_char u_short u_long uint32 uint64 int32 int64`,
);

/** Infers the kind from the expression alone: 'any' if its type isn't obvious. */
export function kindOfKey(expression: readonly Token[]): KeyKind {
  const [first, second] = expression;
  if (first === undefined) return 'any';
  if (expression.length === 1) {
    if (first.kind === 'string' || TEXTS.has(first.text)) return 'text';
    if (first.kind === 'number' || INTEGERS.has(first.text)) return 'integer';
    return STACK_CALLS.has(first.text) ? 'stack' : 'any';
  }
  if (expression.some((token) => token.text === '?')) return 'any';
  if (second?.text === '(' && closing(expression, 1) === expression.length - 1) {
    if (TEXT_CALLS.has(first.text)) return 'text';
    return STACK_CALLS.has(first.text) ? 'stack' : 'any';
  }
  if (first.text === '-' && expression.length === 2 && second?.kind === 'number') return 'integer';
  return first.text === '(' ? kindOfCast(expression) : 'any';
}

/** Their values are addresses, which printa() prints with a conversion of their own. */
const SYMBOL_CALLS = words('sym func mod usym ufunc umod uaddr');

/** Returns the conversion that prints a key of this expression; undefined if it isn't obvious. */
export function conversionOf(expression: readonly Token[]): '%s' | '%d' | undefined {
  const kind = kindOfKey(expression);
  if (kind === 'integer') return '%d';
  return kind === 'text' && !SYMBOL_CALLS.has(expression[0]?.text ?? '') ? '%s' : undefined;
}

function kindOfCast(expression: readonly Token[]): KeyKind {
  const type = expression.slice(1, closing(expression, 0)).map((token) => token.text);
  if (type.length === expression.length - 2 || type.includes('*')) return 'any';
  if (type.length === 1 && type[0] === 'string') return 'text';
  return type.length > 0 && type.every((word) => TYPES.has(word)) ? 'integer' : 'any';
}

const FAR = 2000;

/** Returns the index of the mark that closes the bracket at `open`, or where the search ended. */
export function closing(tokens: readonly Token[], open: number): number {
  const end = Math.min(tokens.length, open + FAR);
  let depth = 0;
  for (let index = open; index < end; index++) {
    const { kind, text } = tokens[index] as Token;
    if (kind !== 'mark') continue;
    if (text === '(' || text === '[') depth++;
    if ((text === ')' || text === ']') && --depth === 0) return index;
    if (text === ';') return index;
  }
  return end;
}

/** Cuts at the commas outside all brackets. */
export function argumentsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'mark') {
      if ('(['.includes(token.text)) depth++;
      if (')]'.includes(token.text)) depth--;
      if (token.text === ',' && depth === 0) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)?.push(token);
  }
  return parts;
}
