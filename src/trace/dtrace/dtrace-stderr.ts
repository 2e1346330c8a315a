import type { Doubt } from '../../doubt.ts';

/** Messages that dtrace prints on stderr although nothing is wrong. */
const HARMLESS = [
  /\bmatched \d+ probes?$/,
  /^dtrace: (buffer|aggregation|speculation|dynamic variable) size lowered to /,
  /^dtrace: cleaning rate reduced to /,
  /^dtrace: allowing destructive actions/,
  /^dtrace: pid \d+ (has )?exited/,
];

const DROPS =
  /^dtrace: (\d+) ((?:aggregation |dynamic variable |speculative )?drops?|failed speculations?|jstack\(\)\/ustack\(\) string table overflows?|errors? in ERROR probe enabling)\b/;

/**
 * Reads what a line of dtrace's stderr says about the current run. Its exit status says nothing: it
 * is 0 after any number of drops.
 */
export function readDtraceStderr(line: string): Doubt | undefined {
  if (DROPS.test(line)) return { code: 'tracer-dropped', message: line, suspect: true };
  if (!line.startsWith('dtrace: ') || HARMLESS.some((pattern) => pattern.test(line))) {
    return undefined;
  }
  return { code: 'tracer-error', message: line.slice(0, 500), suspect: true };
}
