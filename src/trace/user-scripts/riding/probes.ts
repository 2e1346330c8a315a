import { lexed, type Token } from '../d-tokens.ts';
import { CannotRide } from './piece.ts';

/** One probe of a bpftrace script: `points /predicate/ { body }`. Places count from its start. */
export interface Probe {
  /** Where the text after the last probe begins: its comments stand there. */
  readonly from: number;
  readonly to: number;
  /** The attach points, without comments, such as `kprobe:vfs_read,kprobe:vfs_write`. */
  readonly points: string;
  readonly pointsFrom: number;
  readonly pointsTo: number;
  /** The text between the slashes; undefined without a predicate. */
  readonly predicate: { readonly from: number; readonly to: number } | undefined;
  /** The tokens from the predicate on, or from the body on if there is none. */
  readonly tokens: readonly Token[];
}

/** Attach points in which slashes belong to a path. */
const WITH_PATH = /^(?:uprobe|uretprobe|u|ur|usdt|U)$/;

/**
 * Splits a bpftrace script into its probes.
 * @throws CannotRide for anything else: definitions of types, settings, macros, other languages
 */
export function probesOf(script: string): readonly Probe[] {
  const { tokens, directives } = lexed(script);
  const hashBang = directives[0]?.at === 0 && directives[0].text.startsWith('#!') ? 1 : 0;
  const [directive] = directives.slice(hashBang);
  if (directive) {
    const word = /^#\s*\w*/.exec(directive.text)?.[0] ?? '#';
    throw new CannotRide(directive.at, `${word} would hold for the whole session`);
  }
  const probes: Probe[] = [];
  let from = hashBang === 1 ? (directives[0]?.text.length ?? 0) : 0;
  let head = 0;
  let depth = 0;
  let open = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'mark') continue;
    if (depth === 0 && (token.text === ';' || token.text === '=' || token.text === '(')) {
      if (token.text === ';' || !isInPredicate(script, tokens.slice(head, index))) {
        throw new CannotRide((tokens[head] ?? token).at, 'it is no probe, but a definition');
      }
    }
    if (token.text === '{' && depth++ === 0) open = index;
    if (token.text !== '}') continue;
    if (depth === 0 || --depth > 0) continue;
    probes.push(probeOf(script, tokens, { from, head, open, close: index }));
    from = token.end;
    head = index + 1;
  }
  const left = tokens[head];
  if (left) throw new CannotRide(left.at, 'a probe is not complete');
  return probes;
}

function probeOf(
  script: string,
  tokens: readonly Token[],
  { from, head, open, close }: Readonly<Record<'from' | 'head' | 'open' | 'close', number>>,
): Probe {
  const [first, last] = [tokens[head], tokens[open - 1]];
  if (!first || !last || open === head) {
    throw new CannotRide(tokens[open]?.at ?? from, 'a block without a probe');
  }
  if (/^(?:struct|union|enum|config|macro|fn|import|let)$/.test(first.text)) {
    throw new CannotRide(first.at, `${first.text} would hold for the whole session`);
  }
  const slash = predicateStart(script, tokens.slice(head, open));
  const start = slash === undefined ? undefined : tokens[head + slash];
  const pointsTo = start ? (tokens[head + (slash ?? 0) - 1]?.end ?? first.end) : last.end;
  if (start && (start === last || last.text !== '/')) {
    throw new CannotRide(start.at, 'its predicate has no end');
  }
  if (/[:,\w.*]\/\*/.test(script.slice(first.at, pointsTo))) {
    throw new CannotRide(first.at, 'the path of its probe looks like a comment');
  }
  return {
    ...{ from, to: tokens[close]?.end ?? script.length },
    points: tokens
      .slice(head, start ? head + (slash ?? 0) : open)
      .map(({ kind, text }) => (kind === 'string' ? `"${text}"` : text))
      .join(''),
    ...{ pointsFrom: first.at, pointsTo },
    predicate: start ? { from: start.end, to: last.at } : undefined,
    tokens: tokens.slice(start ? head + (slash ?? 0) : open, close + 1),
  };
}

/**
 * Finds the slash with which a predicate begins: one after a blank, or directly after an attach
 * point that has no path.
 */
function predicateStart(script: string, head: readonly Token[]): number | undefined {
  let provider = '';
  for (const [index, token] of head.entries()) {
    const before = head[index - 1];
    if (before === undefined || before.text === ',') provider = token.text;
    if (token.text !== '/' || token.kind !== 'mark' || !before) continue;
    const apart = /\s/.test(script[token.at - 1] ?? '') || before.end < token.at;
    if (before.text !== ',' && before.text !== ':' && (apart || !WITH_PATH.test(provider))) {
      return index;
    }
  }
  return undefined;
}

function isInPredicate(script: string, head: readonly Token[]): boolean {
  return predicateStart(script, head) !== undefined;
}
