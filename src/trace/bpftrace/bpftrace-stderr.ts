import type { Doubt } from '../../doubt.ts';

/** Reads what a line of bpftrace's stderr says about the current run; undefined if nothing. */
export function readBpftraceStderr(line: string): Doubt | undefined {
  const lost = /^Lost (\d+) events/.exec(line);
  if (lost) {
    return { code: 'tracer-dropped', message: `bpftrace lost ${lost[1]} events`, suspect: true };
  }
  // All other messages with a place in a program come while the program is compiled.
  if (/^\S+:\d[\d:-]*: WARNING: (Failed to|Map full)/.test(line)) {
    return { code: 'tracer-error', message: line.slice(0, 500), suspect: true };
  }
  // A sample without a stack is counted as one; the instrument says so.
  if (/\bstack id -\d+\b/.test(line)) return undefined;
  // Printed at every start where the limit cannot be raised; this is not a failure.
  if (/RLIMIT_MEMLOCK/.test(line)) return undefined;
  return /^(ERROR|WARNING)/.test(line)
    ? { code: 'tracer-error', message: line.slice(0, 500), suspect: true }
    : undefined;
}
