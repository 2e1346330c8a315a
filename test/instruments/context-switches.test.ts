import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/benchmark/output.ts';
import { contextSwitches } from '../../src/instruments/context-switches/instrument.ts';
import type { CountRow, ReportedRun } from '../../src/instruments/instrument.ts';

const sample = (voluntarySwitches: number, involuntarySwitches: number): Sample => ({
  iteration: 1,
  elapsedNs: 1e6,
  bandwidthBytesPerS: 1e9,
  voluntarySwitches,
  involuntarySwitches,
});
const counted = (voluntary: number, involuntary: number) => ({
  context_switches: [
    { role: 'receiver', kind: 'voluntary', count: voluntary },
    { role: 'sender', kind: 'involuntary', count: involuntary },
  ] satisfies CountRow[],
});
const checkSwitches = (
  counts: ReportedRun['counts'],
  samples: readonly Sample[],
  run: Pick<ReportedRun, 'wallNs' | 'platform'>,
) => contextSwitches.checkReported({ counts, samples, processors: 2, ...run });
const onLinux = { wallNs: 1e9, platform: 'linux' };

describe('the check of context switches', () => {
  it('doubts a run with fewer switches than its samples report', () => {
    const samples = Array.from({ length: 9500 }, () => sample(20, 7));
    expect(checkSwitches(counted(190_001, 66_500), samples, onLinux)).toEqual([]);
    expect(checkSwitches(counted(177_600, 64_140), samples, onLinux)).toEqual([
      {
        code: 'context-switches',
        message: "241740 context switches, but the benchmark's own count of its samples is 256500",
        suspect: true,
      },
    ]);
    expect(checkSwitches({ context_switches: [] }, [sample(1, 0)], onLinux)).toHaveLength(1);
  });

  it('accepts switches whatever kind they are reported as', () => {
    expect(checkSwitches(counted(9, 11), [sample(10, 10)], onLinux)).toEqual([]);
  });

  it('has no doubt where the benchmark reports none', () => {
    const { voluntarySwitches, involuntarySwitches, ...bare } = sample(1, 1);
    expect(checkSwitches(counted(0, 0), [bare], onLinux)).toEqual([]);
  });

  it('allows for two yields in 0.15 s on FreeBSD, and for two more', () => {
    const about = (traced: number, platform: string) =>
      checkSwitches(counted(traced, 0), [sample(60, 40)], { wallNs: 0.2e9, platform });
    // 0.2 s have room for 2.7 yields: 3, and the two at the edges.
    expect(about(95, 'freebsd')).toEqual([]);
    expect(about(94, 'freebsd')).toHaveLength(1);
    expect(about(99, 'linux')).toHaveLength(1);
  });

  // nvcsw and nivcsw of -g, and what was traced, of runs on FreeBSD 13.2, and seconds that they took.
  it.each([
    [755, 848, 745, 863, 0.9],
    [410, 605, 383, 625, 0.9],
    [386, 585, 361, 624, 0.9],
    [2095, 2371, 2042, 2397, 10.6],
    [1979, 2297, 1936, 2328, 8.9],
    [262, 278, 259, 293, 0.2],
    [130, 7, 129, 22, 0.1],
    [257, 17, 255, 33, 0.3],
    [18, 21, 16, 45, 0.02],
  ])(
    'accepts a recorded run on FreeBSD, where yields are not seen: %d + %d, traced %d + %d',
    (nvcsw, nivcsw, voluntary, involuntary, seconds) => {
      const run = { wallNs: seconds * 1e9, platform: 'freebsd' };
      expect(checkSwitches(counted(voluntary, involuntary), [sample(nvcsw, nivcsw)], run)).toEqual(
        [],
      );
      const half = counted(voluntary >> 1, involuntary >> 1);
      expect(checkSwitches(half, [sample(nvcsw, nivcsw)], run)).toHaveLength(1);
    },
  );
});
