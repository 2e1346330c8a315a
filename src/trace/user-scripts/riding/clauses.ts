import { lexed, type Token } from '../d-tokens.ts';
import { CannotRide, type Edit } from './piece.ts';

/** `descriptions /predicate/ { body }`. Places count from the start of the script. */
export interface Clause {
  readonly kind: 'clause';
  readonly from: number;
  readonly to: number;
  /** The probes, without blanks and comments, such as `fbt::pipe_read:entry`. */
  readonly descriptions: readonly string[];
  readonly pointsFrom: number;
  readonly pointsTo: number;
  readonly predicate: { readonly from: number; readonly to: number } | undefined;
  /** The tokens between the braces. */
  readonly body: readonly Token[];
  readonly bodyFrom: number;
  readonly bodyTo: number;
  /** All tokens from the predicate on. */
  readonly tokens: readonly Token[];
}

/** `int depth;` or `self int depth;` */
export interface Declaration {
  readonly kind: 'declaration';
  readonly from: number;
  readonly to: number;
  readonly tokens: readonly Token[];
}

export interface ParsedScript {
  readonly items: readonly (Clause | Declaration)[];
  /** Takes away the lines that hold for the session anyway. */
  readonly edits: readonly Edit[];
}

/** Words that begin definitions which are not understood here. */
const DEFINITIONS = /^(?:struct|union|enum|typedef|translator|provider|extern)$/;

/**
 * Splits a D script into its clauses and declarations.
 * @throws CannotRide for options that would hold for the whole session, and for other definitions
 */
export function parsedScript(script: string): ParsedScript {
  const { tokens, directives } = lexed(script);
  const edits = directives.map(({ text, at }): Edit => {
    const hashBang = at === 0 && /^#!\S*\bdtrace\s+-[qs]+\s*$/.test(text);
    if (!hashBang && !/^#\s*pragma\s+D\s+option\s+quiet\s*$/.test(text)) {
      throw new CannotRide(at, `${text.trim()} would hold for the whole session`);
    }
    return { at, end: at + text.length, text: '' };
  });
  const items: (Clause | Declaration)[] = [];
  let from = 0;
  let head = 0;
  let depth = 0;
  let open = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'mark') continue;
    if (token.text === '{' && depth++ === 0) open = index;
    const ends = depth === 0 ? token.text === ';' : token.text === '}' && --depth === 0;
    if (!ends) continue;
    const first = tokens[head] as Token;
    if (first === token) throw new CannotRide(token.at, 'a declaration of nothing');
    if (DEFINITIONS.test(first.text)) {
      throw new CannotRide(first.at, `${first.text} is a definition, and no clause`);
    }
    if (token.text === ';') {
      items.push({
        ...{ kind: 'declaration', from, to: token.end },
        tokens: tokens.slice(head, index),
      });
    } else items.push(clauseOf(tokens, { from, head, open, close: index }));
    from = token.end;
    head = index + 1;
  }
  const left = tokens[head];
  if (left) throw new CannotRide(left.at, 'a clause is not complete');
  return { items, edits };
}

function clauseOf(
  tokens: readonly Token[],
  { from, head, open, close }: Readonly<Record<'from' | 'head' | 'open' | 'close', number>>,
): Clause {
  const first = tokens[head] as Token;
  const opening = tokens[open] as Token;
  const closing = tokens[close] as Token;
  if (open === head) throw new CannotRide(first.at, 'a block without a probe');
  const header = tokens.slice(head, open);
  const slash = header.findIndex(({ kind, text }) => kind === 'mark' && text === '/');
  const probes = slash === -1 ? header : header.slice(0, slash);
  const last = header.at(-1) as Token;
  if (probes.length === 0) throw new CannotRide(first.at, 'a block without a probe');
  if (slash !== -1 && (last.text !== '/' || slash === header.length - 1)) {
    throw new CannotRide(first.at, 'its predicate has no end');
  }
  const odd = probes.find(({ kind, text }) => kind === 'string' || /[=;()]/.test(text));
  if (odd) throw new CannotRide(odd.at, 'it is no clause');
  return {
    ...{ kind: 'clause', from, to: closing.end },
    descriptions: probes
      .map(({ text }) => text)
      .join('')
      .split(','),
    ...{ pointsFrom: first.at, pointsTo: (probes.at(-1) as Token).end },
    predicate: slash === -1 ? undefined : { from: (header[slash] as Token).end, to: last.at },
    ...{ body: tokens.slice(open + 1, close), bodyFrom: opening.end, bodyTo: closing.at },
    tokens: tokens.slice(slash === -1 ? open : head + slash, close + 1),
  };
}
