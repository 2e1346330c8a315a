import type { Integer } from './integers.ts';
import type { PrintedDistribution } from './printed-distribution.ts';

/** A piece of the text of one printing. If `value` is set, it is that aggregation's value. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  /** Any characters except a newline, padded to a width. In a column, two blanks come before it. */
  | {
      readonly kind: 'text';
      readonly width: number;
      readonly padded: 'left' | 'right';
      readonly column?: 'text' | 'any';
    }
  | { readonly kind: 'character'; readonly width: number }
  | {
      readonly kind: 'integer';
      readonly base: 8 | 10 | 16;
      readonly width: number;
      readonly padded: 'left' | 'right';
      readonly value?: number;
      /** True if the value is a distribution that is printed here. */
      readonly distribution?: boolean;
    }
  | { readonly kind: 'distribution'; readonly value: number }
  /** A key of the default layout: a blank, and the number at the right of 3, 5, 8 or 16 columns. */
  | { readonly kind: 'integer-column' }
  | { readonly kind: 'stack' };

/** The text found for a segment; there is none for a literal. */
export type Capture =
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'number'; readonly value: Integer; readonly of: number }
  | {
      readonly kind: 'distribution';
      readonly distribution: PrintedDistribution;
      readonly of: number;
    };

export interface Match {
  readonly end: number;
  readonly captures: readonly Capture[];
  /** How many texts are longer than their column or begin with a blank: fewer means more likely. */
  readonly unlikely: number;
}

export const keysOf = (match: Match): readonly string[] =>
  match.captures.flatMap((capture) => (capture.kind === 'key' ? [capture.text] : []));

export function isSameMatch(one: Match, other: Match): boolean {
  const written = (match: Match) =>
    JSON.stringify(match, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  return written(one) === written(other);
}
