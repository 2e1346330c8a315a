/** The most dots in a chart, one per run: more look the same, and make a page too large to mail. */
export const MOST_DOTS = 1000;

/** Returns n, if one in n of this many runs is drawn. */
export function oneInSoMany(runs: number): number {
  return Math.max(1, Math.ceil(runs / MOST_DOTS));
}

/** Picks one in so many, evenly over their order, and also the lowest and the highest. */
export function thinned<Run>(
  runs: readonly Run[],
  oneIn: number,
  measure: (run: Run) => number,
): readonly Run[] {
  if (oneIn === 1) return runs;
  const values = runs.map(measure);
  const at = new Set([
    values.indexOf(values.reduce((low, value) => Math.min(low, value), Infinity)),
    values.indexOf(values.reduce((high, value) => Math.max(high, value), -Infinity)),
  ]);
  return runs.filter((_, index) => index % oneIn === 0 || at.has(index));
}

/** Words in the picture for the runs that are left out; none if every run is drawn. */
export function thinnedWords(oneIn: number): readonly string[] {
  return oneIn === 1 ? [] : [`One run in ${oneIn} is drawn`];
}

/** A sentence for the caption; empty if every run is drawn. */
export function thinnedSentence(oneIn: number): string {
  return thinnedWords(oneIn)
    .map((words) => ` ${words}, with the lowest and the highest; samples.csv has all.`)
    .join('');
}
