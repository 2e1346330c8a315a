/** Dots of a chart, each a run: more can't be told apart, and make a page that nobody can mail. */
export const MOST_DOTS = 1000;

/** Of so many runs one in how many is drawn. */
export function oneInSoMany(runs: number): number {
  return Math.max(1, Math.ceil(runs / MOST_DOTS));
}

/** One in so many, evenly over their order; and the lowest and the highest, since they are looked for. */
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

/** For the caption; empty where every run is drawn. */
export function thinnedWords(oneIn: number): string {
  return oneIn === 1
    ? ''
    : ` One run in ${oneIn} is drawn, with the lowest and the highest; samples.csv has all.`;
}
