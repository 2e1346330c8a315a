import { formatSize } from '../../experiment/sizes.ts';
import { greatest, least } from '../../extremes.ts';
import { percent } from '../quantities.ts';

/** The largest part of a bar or a column. */
export interface LargestPart {
  readonly panel: string;
  readonly size: number;
  readonly name: string;
  readonly share: number;
}

/**
 * Says what is largest at which sizes, such as `512 B to 8 KiB: PARTIAL 80 % to 93 %.`; neighbours
 * with the same name share a sentence.
 * @param entries one panel after the other, each by ascending size
 */
export function largestPartSentences(entries: readonly LargestPart[]): string {
  const groups: LargestPart[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last?.[0]?.panel === entry.panel && last[0].name === entry.name) last.push(entry);
    else groups.push([entry]);
  }
  const several = new Set(entries.map(({ panel }) => panel)).size > 1;
  return groups.map((group) => sentence(group, several)).join(' ');
}

function sentence(group: readonly LargestPart[], several: boolean): string {
  const { panel, name } = group[0]!;
  const shares = group.map(({ share }) => share);
  const where = several ? `${panel}, ` : '';
  const sizes = range(group.map(({ size }) => formatSize(size)));
  const lowest = percent(least(shares));
  const most = percent(greatest(shares));
  return `${where}${sizes}: ${name} ${lowest === most ? most : `${lowest} to ${most}`}.`;
}

function range(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `${texts[0]} to ${texts.at(-1)}`;
}
