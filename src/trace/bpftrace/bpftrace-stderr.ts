import type { Doubt } from '../../doubt.ts';

/** What a line of bpftrace's stderr says about the run in flight; undefined when nothing. */
export function readBpftraceStderr(line: string): Doubt | undefined {
  const lost = /^Lost (\d+) events/.exec(line);
  if (lost) {
    return { code: 'tracer-dropped', message: `bpftrace lost ${lost[1]} events`, suspect: true };
  }
  // What else stands behind a place in a program is said when the program is compiled.
  if (/^\S+:\d[\d:-]*: WARNING: (Failed to|Map full)/.test(line)) {
    return { code: 'tracer-error', message: line.slice(0, 500), suspect: true };
  }
  // Said at every start where the limit cannot be raised, and no failure.
  if (/RLIMIT_MEMLOCK/.test(line)) return undefined;
  return /^(ERROR|WARNING)/.test(line)
    ? { code: 'tracer-error', message: line.slice(0, 500), suspect: true }
    : undefined;
}
