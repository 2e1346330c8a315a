import { formatSize } from '../../experiment/sizes.ts';
import { SIZES_STYLE } from './styles.ts';

/** A log2 x axis with a tick at each of the given sizes, which are in ascending order. */
export function logSizes(field: string, title: string, sizes: readonly number[]) {
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  // A single size has no range of its own.
  const room = first === last ? 2 : (last / first) ** 0.03;
  return {
    field,
    type: 'quantitative',
    title,
    scale: { type: 'log', base: 2, domain: [first / room, last * room], nice: false },
    axis: {
      values: [...sizes],
      labelExpr: `(${JSON.stringify(sizeLabels(sizes))})[datum.value]`,
      style: SIZES_STYLE,
      grid: false,
    },
  } as const;
}

/** An x axis with one band for each of the given sizes. */
export function bandedSizes(field: string, title: string, sizes: readonly number[]) {
  return {
    field,
    type: 'ordinal',
    title,
    scale: { domain: [...sizes], paddingInner: 0.15, paddingOuter: 0.1 },
    axis: {
      labelExpr: `(${JSON.stringify(sizeLabels(sizes))})[datum.value]`,
      style: SIZES_STYLE,
      values: [...sizes],
      ticks: false,
    },
  } as const;
}

function sizeLabels(sizes: readonly number[]): Readonly<Record<string, string>> {
  return Object.fromEntries(sizes.map((bytes) => [String(bytes), formatSize(bytes)]));
}
