import { AXIS_WORDS } from './axes.ts';
import { parseSize, sizeMeant } from './sizes.ts';

/** A part of a text that does not fit, and its place. */
export interface Slip {
  readonly message: string;
  readonly at: number;
  readonly length: number;
}

/** A condition in which each size is written in bytes. */
export type ConditionText =
  | {
      readonly state: 'ok';
      readonly text: string;
      /** Finds the place of a character of `text` in what the user has written. */
      readonly writtenAt: (offset: number) => number;
    }
  | { readonly state: 'broken'; readonly slip: Slip };

/**
 * Matches the parts of a condition that matter here; everything else is left to the language. A
 * text in quotes is skipped as a whole, whatever it contains.
 */
const PARTS = new RegExp(
  [
    /[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/,
    /\/\/[^\n]*/,
    /(?<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?<unit> ?[A-Za-z]\w*)?/,
    /(?<word>[A-Za-z_]\w*)/,
    /(?<operator>[=!<>&|]+)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** Words that people know from other languages, and their equivalents in this one. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['<>', '!='],
  ['=<', '<='],
  ['=>', '>='],
  ['&', '&&'],
  ['|', '||'],
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['True', 'true'],
  ['False', 'false'],
]);

/** Writes the sizes of a condition in bytes, and finds slips that the language cannot describe. */
export function readCondition(written: string): ConditionText {
  let text = '';
  let end = 0;
  // The place where each size begins in the new text, and by how much longer it is now.
  const grown: { readonly from: number; readonly by: number }[] = [];
  for (const { 0: part, index, groups } of written.matchAll(PARTS)) {
    const broken = (why: string): ConditionText => ({
      state: 'broken',
      slip: { message: `${part} ${why}`, at: index, length: part.length },
    });
    const word = groups?.word ?? groups?.operator;
    const meant = word && (MEANT.get(word) ?? MEANT.get(word.toLowerCase()));
    if (meant !== undefined && meant !== word) return broken(`is unknown; did you mean ${meant}?`);
    if (groups?.unit === undefined || isOther(groups.unit)) continue;
    const bytes = parseSize(part);
    if (bytes === undefined) {
      // "3 in [1, 2]" is not a size with an odd unit.
      if (groups.unit.startsWith(' ') && sizeMeant(part) === undefined) continue;
      return broken(`is no size${suggested(part)}`);
    }
    text += written.slice(end, index);
    grown.push({ from: text.length, by: String(bytes).length - part.length });
    text += String(bytes);
    end = index + part.length;
  }
  text += written.slice(end);
  const writtenAt = (offset: number) => {
    let at = offset;
    for (const { from, by } of grown) if (from < offset) at -= by;
    return Math.max(0, Math.min(at, written.length));
  };
  return { state: 'ok', text, writtenAt };
}

/** Tells whether it is the language's own suffix of an unsigned whole number (`4u`). */
function isOther(unit: string): boolean {
  return unit === 'u' || unit === 'U';
}

function suggested(part: string): string {
  if (AXIS_WORDS.includes(part)) return `; did you mean "${part}", in quotes?`;
  const meant = sizeMeant(part);
  return meant === undefined
    ? ': whole bytes such as 4096, or 4KiB, 1MiB'
    : `; did you mean ${meant}?`;
}
