import { describe, expect, it } from 'vitest';
import { readBpftraceStderr } from '../../../src/trace/bpftrace/bpftrace-stderr.ts';

describe('readBpftraceStderr', () => {
  it.each([
    ['Lost 12 events', 'tracer-dropped'],
    ['ERROR: Could not read map', 'tracer-error'],
    ['WARNING: something', 'tracer-error'],
    [
      'stdin:1:35-36: WARNING: Failed to map_update_elem: Argument list too long (-7)',
      'tracer-error',
    ],
    [
      "stdin:1:24-25: WARNING: Map full; can't update element. Try increasing MAP_KEYS_MAX.",
      'tracer-error',
    ],
  ])('suspects the run when bpftrace says %j', (line, code) => {
    expect(readBpftraceStderr(line)).toMatchObject({ code, suspect: true });
  });

  it.each([
    "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace. If your program is not loading, you can try",
    'stdin:3:1-9: WARNING: comparing signed and unsigned values',
    'Attaching 8 probes...',
    '',
  ])('takes no notice of %j', (line) => {
    expect(readBpftraceStderr(line)).toBeUndefined();
  });
});
