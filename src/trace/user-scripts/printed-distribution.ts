import { matchAt } from './d-tokens.ts';

/** One row of a distribution: `16384`, `< 0`, `>= 100`, `<= -100000`, or `abs() < 100`. */
export interface DistributionRow {
  readonly operator: '' | '<' | '>=' | '<=' | 'abs<';
  readonly label: bigint;
  readonly count: bigint;
}

export type PrintedDistribution = readonly DistributionRow[];

const HEADER = /\n {2,}(?:value|key) {1,2}-+ Distribution -+ count {4}\n/y;
const ROW = /( *(?:(?:abs\(\) )?<|[<>]=)? *)(-?\d{1,21}) [@ ]*\|[@ ]* (-?\d{1,21}) *\n/y;

/** Reads `\n`, the header and the rows as quantize() and similar functions print them. */
export function distributionAt(
  text: string,
  at: number,
): { readonly distribution: PrintedDistribution; readonly end: number } | undefined {
  const header = matchAt(HEADER, text, at);
  if (!header) return undefined;
  let end = at + header[0].length;
  const distribution: DistributionRow[] = [];
  for (;;) {
    const row = matchAt(ROW, text, end);
    if (!row) break;
    end += row[0].length;
    const operator = (row[1] ?? '')
      .trim()
      .replace(/abs\(\) /, 'abs') as DistributionRow['operator'];
    distribution.push({ operator, label: BigInt(row[2] ?? 0), count: BigInt(row[3] ?? 0) });
  }
  return distribution.length === 0 ? undefined : { distribution, end };
}
