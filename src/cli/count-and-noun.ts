/** `1 run`, `2 runs`: for words whose plural ends in s. */
export function countAndNoun(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
