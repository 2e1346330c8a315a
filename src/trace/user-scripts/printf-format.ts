import { matchAt } from './d-tokens.ts';
import type { Segment } from './segments.ts';

const CONVERSION = /%([-+ #0'@?]*)(\d{0,4})(?:\.\d+)?(?:hh?|ll?|L|w)?([A-Za-z%])/y;
const BASES: Readonly<Record<string, 8 | 10 | 16>> = {
  d: 10,
  i: 10,
  u: 10,
  o: 8,
  x: 16,
  X: 16,
  p: 16,
};

/**
 * Returns the segments of a printa() format whose escapes are already decoded. Values are numbered
 * in the order of their `%@`. Undefined for a format whose output could not be read back: one
 * without a value, one that ends in an open text, one with two adjacent numbers, `*` widths.
 */
export function segmentsOf(format: string): readonly Segment[] | undefined {
  const segments: Segment[] = [];
  let values = 0;
  for (let at = 0; at < format.length; ) {
    if (format[at] !== '%') {
      const next = format.indexOf('%', at);
      const end = next === -1 ? format.length : next;
      add(segments, { kind: 'literal', text: format.slice(at, end) });
      at = end;
      continue;
    }
    const found = matchAt(CONVERSION, format, at);
    if (!found) return undefined;
    const [whole, flags = '', width = '', letter = ''] = found;
    const segment = segmentOf(flags, Number(width), letter, values);
    if (segment === undefined) return undefined;
    if (flags.includes('@')) values++;
    add(segments, segment);
    at += whole.length;
  }
  return values > 0 && canBeRead(segments) ? segments : undefined;
}

function segmentOf(
  flags: string,
  width: number,
  letter: string,
  value: number,
): Segment | undefined {
  const padded = flags.includes('-') ? 'right' : 'left';
  if (letter === '%') return { kind: 'literal', text: '%' };
  const base = BASES[letter];
  if (flags.includes('@')) {
    return { kind: 'integer', base: base ?? 10, width, padded, value, distribution: true };
  }
  if (base !== undefined) return { kind: 'integer', base, width, padded };
  if (letter === 'c' || letter === 'C') return { kind: 'character', width };
  if (letter === 'k') return { kind: 'stack' };
  return 'aAeEfgGsSTY'.includes(letter) ? { kind: 'text', width, padded } : undefined;
}

function add(segments: Segment[], segment: Segment): void {
  const last = segments.at(-1);
  if (last?.kind === 'literal' && segment.kind === 'literal') {
    segments[segments.length - 1] = { kind: 'literal', text: last.text + segment.text };
  } else {
    segments.push(segment);
  }
}

function canBeRead(segments: readonly Segment[]): boolean {
  if (segments.at(-1)?.kind === 'text') return false;
  return segments.every((segment, index) => {
    const next = segments[index + 1];
    return !(segment.kind === 'integer' && next?.kind === 'integer' && next.width === 0);
  });
}
