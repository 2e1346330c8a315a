/**
 * P values corrected for their number, so that at most a share alpha of all differences called
 * below alpha is false: Benjamini and Hochberg (1995); R's `p.adjust(method = 'BH')`.
 * @param ps from 0 to 1
 * @returns in the order of `ps`
 */
export function benjaminiHochberg(ps: readonly number[]): readonly number[] {
  const corrected = new Array<number>(ps.length);
  const descending = [...ps.keys()].sort((a, b) => ps[b]! - ps[a]!);
  let least = 1;
  descending.forEach((at, above) => {
    least = Math.min(least, (ps.length / (ps.length - above)) * ps[at]!);
    corrected[at] = least;
  });
  return corrected;
}
