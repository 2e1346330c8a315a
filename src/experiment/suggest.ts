/** Returns the keys that are allowed at a path. */
export type KnownKeys = (path: readonly PropertyKey[]) => readonly string[];

/** Suggests a fix for a key that does not fit: the likely key, its place, or all allowed keys. */
export function keyHint(path: readonly PropertyKey[], key: string, known: KnownKeys): string {
  const siblings = known(path);
  const near = nearest(key, siblings);
  if (near !== undefined) return `did you mean ${near}?`;
  const top = known([]);
  const home = top.find((section) => known([section]).includes(key));
  if (home !== undefined) return `it belongs under ${home}: (${home}.${key})`;
  if (top.includes(key)) return 'it belongs at the top of the file, without indentation';
  return siblings.length > 0 ? `known here: ${siblings.join(', ')}` : 'no key fits here';
}

/** @returns the candidate that a word is probably a typing mistake for */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = fold(word.slice(0, 40));
  const scored = candidates
    .map((candidate) => ({ candidate, slips: slips(plain, fold(candidate)) }))
    .filter(({ candidate, slips }) => slips <= Math.max(1, candidate.length / 3))
    .sort((a, b) => a.slips - b.slips);
  return scored[0]?.candidate;
}

/** Two swapped neighbours count as one slip, and so does a word that was cut short. */
function slips(word: string, candidate: string): number {
  const sorted = (text: string) => [...text].sort().join('');
  if (word.length >= 3 && (sorted(word) === sorted(candidate) || candidate.startsWith(word))) {
    return word === candidate ? 0 : 1;
  }
  return distance(word, candidate);
}

/** Counts the letters to insert, delete or replace to turn one word into another (Levenshtein). */
export function distance(word: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < word.length; at++) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to++) {
      const exchanged = row[to]! + Number(word[at] !== other[to]);
      next.push(Math.min(exchanged, row[to + 1]! + 1, next[to]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}
