import type { Token } from '../d-tokens.ts';
import { argumentsOf, closing, kindOfKey } from '../key-kinds.ts';
import type { Clause, Declaration } from './clauses.ts';
import { CannotRide } from './piece.ts';

/**
 * The first value of an integer that the script does not declare: D gives a variable the type of
 * what is first assigned to it, and a plain 0 would leave 32 bits for what would have 64.
 */
const ZERO = '(int64_t)0';

/** A global variable of a D script. */
export interface Global {
  readonly name: string;
  /** Its value before anything is assigned to it; undefined for a constant. */
  readonly first: '0' | typeof ZERO | '""' | undefined;
}

const INTEGERS =
  /^(?:char|short|int|long|unsigned|signed|size_t|ssize_t|off_t|pid_t|id_t|uid_t|gid_t|u?int(?:8|16|32|64)_t|u?intptr_t|u_int|u_char|u_short|u_long)$/;
const ASSIGNS = /^[-+*/%&|^]$/;

/**
 * Finds a script's global variables, and with which value each run has to begin.
 * @throws CannotRide for one whose value would stay from run to run
 */
export function globalsOf(items: readonly (Clause | Declaration)[]): readonly Global[] {
  const found = new Map<string, Global>();
  for (const item of items) {
    if (item.kind === 'declaration') declare(item, found);
  }
  const clauses = items.flatMap((item) => (item.kind === 'clause' ? [item] : []));
  const set = new Set(
    clauses
      .filter(({ descriptions, predicate }) => isBegin(descriptions) && !predicate)
      .flatMap(({ body }) => assignments(body).map(({ name }) => name)),
  );
  for (const clause of clauses) {
    for (const { name, at, isArray, value } of assignments(clause.body)) {
      if (isArray) throw new CannotRide(at, `the array ${name} would keep its values between runs`);
      const first = value === 'integer' ? ZERO : value === 'text' ? '""' : undefined;
      const known = found.get(name);
      if (known?.first !== undefined || set.has(name)) {
        if (!known) found.set(name, { name, first: undefined });
      } else if (first !== undefined) found.set(name, { name, first });
      else if (!known) found.set(name, { name, first: undefined });
    }
  }
  for (const clause of clauses) {
    for (const { name, at } of assignments(clause.body)) {
      if (found.get(name)?.first !== undefined || set.has(name)) continue;
      const why = `the variable ${name} would keep its value between runs`;
      throw new CannotRide(at, `${why}: declare it (int ${name};), or set it in BEGIN`);
    }
  }
  return [...found.values()];
}

export function isBegin(descriptions: readonly string[]): boolean {
  return descriptions.some((probe) => /^(?:dtrace)?:{0,3}BEGIN$/.test(probe));
}

/** Returns the tokens of a declaration that are the names it declares. */
export function declaredNames({ tokens }: Declaration): readonly Token[] {
  const scoped = /^(?:self|this|inline)$/.test(tokens[0]?.text ?? '') ? 1 : 0;
  const assign = tokens.findIndex(({ text }) => text === '=');
  const left = tokens.slice(scoped, assign === -1 ? undefined : assign);
  return argumentsOf(left).flatMap((part) => {
    const bracket = part.findIndex(({ text }) => text === '[');
    const name = part.slice(0, bracket === -1 ? undefined : bracket).at(-1);
    return name?.kind === 'word' ? [name] : [];
  });
}

function declare(declaration: Declaration, found: Map<string, Global>): void {
  const { tokens } = declaration;
  const [first] = tokens as readonly [Token];
  if (first.text === 'self' || first.text === 'this') return;
  const array = tokens.find(({ text }) => text === '[');
  for (const { text: name, at } of declaredNames(declaration)) {
    if (array && first.text !== 'inline') {
      throw new CannotRide(at, `the array ${name} would keep its values between runs`);
    }
    const types = tokens.slice(
      0,
      tokens.findIndex((token) => token.at === at),
    );
    const value = types.some(({ text }) => text === '*')
      ? undefined
      : types.every(({ text }) => INTEGERS.test(text) || text === ',' || found.has(text))
        ? '0'
        : types[0]?.text === 'string'
          ? '""'
          : undefined;
    found.set(name, { name, first: first.text === 'inline' ? undefined : value });
  }
}

interface Assignment {
  readonly name: string;
  readonly at: number;
  readonly isArray: boolean;
  readonly value: 'integer' | 'text' | 'unclear';
}

/** The assignments to global variables in the body of a clause. */
function assignments(body: readonly Token[]): readonly Assignment[] {
  return body.flatMap((token, index): readonly Assignment[] => {
    if (token.kind !== 'word') return [];
    const before = body[index - 1]?.text;
    if (before === '->' || before === '.') return [];
    const isArray = body[index + 1]?.text === '[';
    const next = isArray ? closing(body, index + 1) + 1 : index + 1;
    const value = assigned(body, next, index);
    return value === undefined ? [] : [{ name: token.text, at: token.at, isArray, value }];
  });
}

/**
 * Returns the kind of value that is assigned to the variable from `start` to `next`; undefined if
 * none is.
 */
function assigned(
  body: readonly Token[],
  next: number,
  start: number,
): Assignment['value'] | undefined {
  const text = (at: number) => (body[at]?.kind === 'mark' ? body[at].text : undefined);
  const adjacent = (at: number) => body[at]?.end === body[at + 1]?.at;
  const doubled = (at: number) =>
    (text(at) === '+' || text(at) === '-') && text(at) === text(at + 1) && adjacent(at);
  if (doubled(next) || doubled(start - 2)) return 'integer';
  if (ASSIGNS.test(text(next) ?? '') && text(next + 1) === '=' && adjacent(next)) return 'integer';
  if (text(next) !== '=' || (text(next + 1) === '=' && adjacent(next))) return undefined;
  if (/^[=!<>]$/.test(text(next - 1) ?? '')) return undefined;
  const end = body.findIndex(
    (token, at) => at > next && token.text === ';' && token.kind === 'mark',
  );
  const kind = kindOfKey(body.slice(next + 1, end === -1 ? undefined : end));
  return kind === 'integer' || kind === 'text' ? kind : 'unclear';
}
