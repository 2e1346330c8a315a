const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

export const DURATION_PATTERN = /^\d{1,9} ?(ms|s|m|h)$/;
export const DURATION_EXPECTED = 'a duration such as 500ms, 30s, 5m or 2h';

/** @returns milliseconds, or undefined if the text is not a duration */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}) ?([a-z]+)$/.exec(text);
  const unit = match && UNIT_MS.get(match[2]!);
  return unit ? Number(match[1]) * unit : undefined;
}

/** Writes seconds for people: `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  // Round before comparing: 0.9999 s is 1.0 s, not 1000 ms.
  const ms = Math.round(seconds * 1000);
  if (ms < 1000) return `${ms} ms`;
  const tenths = Math.round(seconds * 10);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
