import { formatSize } from '../../experiment/sizes.ts';
import type { MachineFacts } from '../../host/machine/sources.ts';

/** A size at which the kernel or the processor changes its behaviour. */
export interface Threshold {
  readonly bytes: number;
  readonly label: string;
}

/** Pages of a new pipe on Linux (PIPE_DEF_BUFFERS). */
const LINUX_PIPE_PAGES = 16;
/** FreeBSD's PIPE_MINDIRECT, for kernels that do not report their own value. */
const FREEBSD_MINDIRECT = 8192;

const CACHES = [
  ['L1d', 'l1d_cache_bytes'],
  ['L2', 'l2_cache_bytes'],
  ['L3', 'l3_cache_bytes'],
] as const;

/**
 * Sizes of pipes, if relevant, and of caches, ascending. Thresholds at the same size share a label.
 * @param range only thresholds from its first to its last size
 */
export function thresholds(
  facts: MachineFacts,
  { pipe, range }: { readonly pipe: boolean; readonly range: readonly number[] },
): readonly Threshold[] {
  const caches = CACHES.map(([name, key]) => [`${name} cache`, sizeOf(facts.get(key))] as const);
  return within(range, [...(pipe ? pipeSizes(facts) : []), ...caches]);
}

/** Works like {@link thresholds}, for those of pipes only. */
export function pipeThresholds(
  facts: MachineFacts,
  range: readonly number[],
): readonly Threshold[] {
  return within(range, pipeSizes(facts));
}

type NamedSize = readonly [name: string, bytes: number | undefined];

function within(range: readonly number[], known: readonly NamedSize[]): readonly Threshold[] {
  const names = new Map<number, string[]>();
  for (const [name, bytes] of known) {
    if (bytes === undefined || bytes < range[0]! || bytes > range.at(-1)!) continue;
    names.set(bytes, [...(names.get(bytes) ?? []), name]);
  }
  return [...names]
    .sort(([a], [b]) => a - b)
    .map(([bytes, own]) => ({ bytes, label: `${own.join(', ')} ${formatSize(bytes)}` }));
}

function pipeSizes(facts: MachineFacts): readonly NamedSize[] {
  const system = facts.get('os_name');
  const page = sizeOf(facts.get('page_size_bytes'));
  return [
    ['PIPE_MINDIRECT', system === 'FreeBSD' ? mindirectOf(facts) : undefined],
    ['pipe capacity', system === 'Linux' && page ? page * LINUX_PIPE_PAGES : undefined],
  ];
}

function mindirectOf(facts: MachineFacts): number {
  const told = facts.get('pipe_mindirect_bytes') ?? facts.get('kern.ipc.pipe_mindirect');
  return sizeOf(told) ?? FREEBSD_MINDIRECT;
}

function sizeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
