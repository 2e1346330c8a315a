/** The suffixes that a size may have, each with its one meaning in bytes. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['B', 1n],
  ['k', 1024n],
  ['K', 1024n],
  ['KiB', 1024n],
  ['M', 1024n ** 2n],
  ['MiB', 1024n ** 2n],
  ['G', 1024n ** 3n],
  ['GiB', 1024n ** 3n],
  ['kB', 1000n],
  ['KB', 1000n],
  ['MB', 1000n ** 2n],
  ['GB', 1000n ** 3n],
]);

const SHAPE = /^(\d{1,20}) ?([A-Za-z]*)$/;

/** The form of a size, for the published JSON Schema (the parser is stricter about units). */
export const SIZE_PATTERN = /^\d{1,20} ?(B|k|K|KiB|M|MiB|G|GiB|kB|KB|MB|GB)?$/;

export const SIZE_EXPECTED =
  'a size: whole bytes such as 4096, or 4KiB = 4k = 4096 bytes, 1MiB = 1M = 1048576, 4kB = 4000';

/**
 * Reads a size.
 * @returns bytes, or undefined if the text is not a size or does not fit in 2^53 - 1
 */
export function parseSize(text: string): number | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const unit = UNITS.get(match[2] ?? '');
  if (unit === undefined) return undefined;
  const bytes = BigInt(match[1]!) * unit;
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : undefined;
}

/** @returns the size meant by a text whose unit has the wrong letter case, such as 4KiB for 4kib */
export function sizeMeant(text: string): string | undefined {
  const [, digits, unit = ''] = SHAPE.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const plain = unit.toLowerCase().replace(/bytes?$/, 'b');
  const known = [...UNITS.keys()].filter((it) => it.toLowerCase() === plain);
  return known.length === 0 ? undefined : `${digits}${known.at(-1)}`;
}

/** Writes bytes in the largest binary unit that divides them: `4 KiB`, but `1000 B` for 1000. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return `${bytes} B`;
}
