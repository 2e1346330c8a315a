/** A table as it is printed: texts that are already rounded, with their units in the headings. */
export interface TextTable {
  /** The file name without its extension. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Whole sentences that a reader needs: how many values, which method. */
  readonly notes: readonly string[];
}

export interface TextColumn {
  readonly heading: string;
  /** Numbers are aligned to the right; prose may need several lines. */
  readonly kind: 'number' | 'word' | 'prose';
}

/** White space and characters that are not printed, which no printed table can hold. */
const NOT_PRINTED = /[\s\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}]+/gu;

/** Makes any text fit for a cell of a printed table; CSV and JSON have it unchanged. */
export function onOneLine(text: string): string {
  return text.replace(NOT_PRINTED, ' ').trim();
}
