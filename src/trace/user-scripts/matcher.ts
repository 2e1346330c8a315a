import { candidatesAt } from './candidates.ts';
import { type Capture, isSameMatch, type Match, type Segment } from './segments.ts';

type Text = Extract<Segment, { kind: 'text' }>;

/** Returns the first reading of the segments that fits, with the shortest (or longest) texts. */
export function matchSegments(
  segments: readonly Segment[],
  text: string,
  at: number,
  texts: 'short' | 'long' = 'short',
): Match | undefined {
  return canStart(segments[0], text, at) ? new Matcher(segments, text, texts).match(at) : undefined;
}

/** Makes the search unnecessary for most lines. */
function canStart(first: Segment | undefined, text: string, at: number): boolean {
  const onNextLine = text[at] === '\n' && text[at + 1] === ' ';
  if (first?.kind === 'literal') return text.startsWith(first.text, at);
  if (first?.kind === 'distribution') return onNextLine;
  if (first?.kind === 'stack') return text[at] === '\n';
  if (first?.kind === 'integer-column') return text[at] === ' ';
  return first?.kind !== 'text' || !first.column || text[at] === ' ' || onNextLine;
}

/** Returns undefined for no reading, and 'ambiguous' if the texts could also end elsewhere. */
export function matchOnce(
  segments: readonly Segment[],
  text: string,
  at: number,
): Match | 'ambiguous' | undefined {
  const match = matchSegments(segments, text, at);
  if (match === undefined || !endsLine(segments)) return match;
  const other = matchSegments(segments, text, at, 'long');
  if (other && other.unlikely !== match.unlikely) {
    return other.unlikely < match.unlikely ? other : match;
  }
  return other && isSameMatch(match, other) ? match : 'ambiguous';
}

/** Without a newline at the end, the longest reading would swallow the next rows. */
export function endsLine(segments: readonly Segment[]): boolean {
  const last = segments.at(-1);
  return last?.kind === 'literal' && last.text.endsWith('\n');
}

/**
 * Backtracks only over where texts end, and never retries an end that led nowhere. So the time is
 * linear in the length of the line, times the number of segments.
 */
class Matcher {
  readonly #segments: readonly Segment[];
  readonly #text: string;
  readonly #texts: 'short' | 'long';
  readonly #captures: Capture[] = [];
  /** For each segment: the line, and the position from which on all ends have failed there. */
  readonly #failed = new Map<number, { readonly lineEnd: number; from: number }>();
  #unlikely = 0;
  #lineEnd = -1;
  #lineStart = 0;

  constructor(segments: readonly Segment[], text: string, texts: 'short' | 'long') {
    this.#segments = segments;
    this.#text = text;
    this.#texts = texts;
  }

  match(at: number): Match | undefined {
    const end = this.#from(0, at);
    if (end === undefined) return undefined;
    return { end, captures: this.#captures.reverse(), unlikely: this.#unlikely };
  }

  /** Captures are collected on the way back, so the last segment's comes first. */
  #from(index: number, at: number): number | undefined {
    const segment = this.#segments[index];
    if (segment === undefined) return at;
    for (const { end, capture } of candidatesAt(segment, this.#text, at)) {
      const last = this.#from(index + 1, end);
      if (last === undefined) continue;
      if (capture) this.#captures.push(capture);
      return last;
    }
    return segment.kind === 'text' ? this.#fromText(segment, index, at) : undefined;
  }

  #fromText(segment: Text, index: number, at: number): number | undefined {
    const start = segment.column === undefined ? at : at + 2;
    if (segment.column !== undefined && !this.#text.startsWith('  ', at)) return undefined;
    const lineEnd = this.#endOfLine(at);
    const known = this.#failed.get(index);
    const failed = known?.lineEnd === lineEnd ? known.from : lineEnd + 1;
    const shortest = start + segment.width;
    for (let tried = shortest; tried < failed; tried++) {
      const end = this.#texts === 'short' ? tried : shortest + (failed - 1 - tried);
      if (end > shortest && this.#isPadded(segment, start, end)) continue;
      const last = this.#from(index + 1, end);
      if (last === undefined) continue;
      const isLeadingBlank = segment.column !== undefined && this.#text[start] === ' ';
      if (segment.width > 0 && (end > shortest || isLeadingBlank)) this.#unlikely++;
      this.#captures.push({ kind: 'key', text: this.#unpadded(segment, start, end) });
      return last;
    }
    this.#failed.set(index, { lineEnd, from: Math.min(failed, shortest) });
    return undefined;
  }

  /** There is no padding next to a text that fills its width. */
  #isPadded({ width, padded }: Text, start: number, end: number): boolean {
    return width > 0 && this.#text[padded === 'right' ? end - 1 : start] === ' ';
  }

  #unpadded({ width, padded }: Text, start: number, end: number): string {
    const text = this.#text.slice(start, end);
    if (width === 0 || text.length > width) return text;
    return padded === 'right' ? text.trimEnd() : text.trimStart();
  }

  #endOfLine(at: number): number {
    if (at < this.#lineStart || at > this.#lineEnd) {
      const found = this.#text.indexOf('\n', at);
      this.#lineStart = at;
      this.#lineEnd = found === -1 ? this.#text.length : found;
    }
    return this.#lineEnd;
  }
}
