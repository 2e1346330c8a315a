import { matchAt } from './d-tokens.ts';
import { dumpAt } from './dump.ts';
import { type Integer, integerOf, narrow } from './integers.ts';
import { distributionAt } from './printed-distribution.ts';
import type { Capture, Segment } from './segments.ts';

export interface Candidate {
  readonly end: number;
  readonly capture?: Capture;
}

const DIGITS = { 8: /[0-7]{1,23}/y, 10: /[+-]?\d{1,21}/y, 16: /(?:0[xX])?[\da-fA-F]{1,16}/y };
const COLUMN = /( {1,16})(-?\d{1,21})(?= |\n|$)/y;
const COLUMN_WIDTHS: ReadonlySet<number> = new Set([4, 6, 9, 17]);
/** Excludes a bare number (the value below the frames), and runs of blanks (a row has them). */
const FRAME =
  /(?! {2}\S)[ \t]*(?:[^\s`\n](?:(?! {2})[^`\n]){0,300}`(?:(?! {2})[^\n])+|0x[\da-fA-F]+|\[ [^\n]* \])(?<! )\n/y;

/** Lists the ways to read a segment here, except text of unknown length: rarely more than one. */
export function candidatesAt(segment: Segment, text: string, at: number): readonly Candidate[] {
  switch (segment.kind) {
    case 'literal':
      return text.startsWith(segment.text, at) ? [{ end: at + segment.text.length }] : [];
    case 'integer':
      return [
        ...(segment.distribution ? distributionsAt(segment.value ?? 0, text, at) : []),
        ...integersAt(segment, text, at),
      ];
    case 'distribution':
      return distributionsAt(segment.value, text, at);
    case 'character': {
      const end = at + Math.max(1, segment.width);
      const key = text.slice(at, end);
      return end > text.length ? [] : [{ end, capture: { kind: 'key', text: key.trim() || key } }];
    }
    case 'stack':
      return stacksAt(text, at);
    case 'integer-column':
      return columnsAt(text, at);
    case 'text':
      if (segment.column === undefined) return [];
      if (segment.column === 'text') return dumpsAt(text, at);
      return [...columnsAt(text, at), ...dumpsAt(text, at)];
  }
}

function integersAt(
  segment: Extract<Segment, { kind: 'integer' }>,
  text: string,
  at: number,
): readonly Candidate[] {
  let from = at;
  if (segment.padded === 'left') {
    while (text[from] === ' ' && from - at < segment.width - 1) from++;
  }
  const digits = matchAt(DIGITS[segment.base], text, from)?.[0];
  if (digits === undefined) return [];
  let end = from + digits.length;
  if (end - at < segment.width) {
    if (segment.padded === 'left') return [];
    const padding = at + segment.width;
    while (end < padding && text[end] === ' ') end++;
    if (end < padding) return [];
  } else if (from > at && end - at !== segment.width) {
    return [];
  }
  if (segment.value === undefined) return [{ end, capture: { kind: 'key', text: digits } }];
  const value = numberOf(digits, segment.base);
  return [{ end, capture: { kind: 'number', value, of: segment.value } }];
}

/** A negative number is printed as its 64 bits in octal and hexadecimal. */
function numberOf(digits: string, base: 8 | 10 | 16): Integer {
  if (base === 10) return integerOf(digits);
  const prefix = base === 8 ? '0o' : '0x';
  return narrow(BigInt.asIntN(64, BigInt(prefix + digits.replace(/^0x/i, ''))));
}

function distributionsAt(of: number, text: string, at: number): readonly Candidate[] {
  const found = distributionAt(text, at);
  return found
    ? [{ end: found.end, capture: { kind: 'distribution', distribution: found.distribution, of } }]
    : [];
}

function stacksAt(text: string, at: number): readonly Candidate[] {
  if (text[at] !== '\n') return [];
  const frames: string[] = [];
  let end = at + 1;
  for (;;) {
    const frame = matchAt(FRAME, text, end);
    if (!frame) break;
    frames.push(frame[0].trim());
    end += frame[0].length;
  }
  return [{ end, capture: { kind: 'key', text: frames.join(' < ') } }];
}

function columnsAt(text: string, at: number): readonly Candidate[] {
  const column = matchAt(COLUMN, text, at);
  const [whole = '', blanks = '', digits = ''] = column ?? [];
  const wide = blanks.length === 1 && digits.length > 3;
  if (!column || !(wide || COLUMN_WIDTHS.has(whole.length))) return [];
  return [{ end: at + whole.length, capture: { kind: 'key', text: digits } }];
}

function dumpsAt(text: string, at: number): readonly Candidate[] {
  const dump = dumpAt(text, at);
  return dump ? [{ end: dump.end, capture: { kind: 'key', text: dump.text } }] : [];
}
