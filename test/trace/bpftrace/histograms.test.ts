import { describe, expect, it } from 'vitest';
import { isMisprinted, withRightEdges } from '../../../src/trace/bpftrace/histograms.ts';
import { readBpftraceJson } from '../../../src/trace/user-scripts/bpftrace-json.ts';

// What bpftrace 0.17 prints for values around and beyond 2^31.
const HIST =
  '{"type": "hist", "data": {"@h": {"1": [{"min": 1073741824, "max": 2147483647, "count": 1}], "2": [{"min": -2147483648, "max": 0, "count": 3}], "6": [{"max": -1, "count": 1}, {"min": 0, "max": 0, "count": 0}]}}}';
const LHIST =
  '{"type": "hist", "data": {"@d": {"1": [{"max": -1, "count": 0}], "2": [{"min": 0, "max": 99999999, "count": 1}]}}}';
const NEGATIVE =
  '{"type": "hist", "data": {"@u": [{"min": -1294967296, "max": -1194967297, "count": 1}]}}';

describe('a histogram of bpftrace', () => {
  it('has values beyond 2^31 in its last bucket, which has no upper edge', () => {
    const { aggregates, doubts } = readBpftraceJson(HIST, 'BEGIN { @h[1] = hist(nsecs); }');
    expect(
      aggregates.map(({ bucketFrom, bucketTo, value }) => [bucketFrom, bucketTo, value]),
    ).toEqual([
      [1073741824, 2147483647, 1],
      [2147483648, null, 3],
      [null, -1, 1],
    ]);
    expect(doubts).toEqual([]);
  });

  it.each([
    ['loses what it counted', LHIST, '@d'],
    ['has negative edges', NEGATIVE, '@u'],
  ])('is reported when its edges are beyond 2^31 and it %s', (_, line, name) => {
    const script = `BEGIN { ${name} = lhist(nsecs, 0, 10000000000, 100000000); }`;
    expect(readBpftraceJson(line, script).doubts).toMatchObject([
      {
        message: `${name}: bpftrace cannot print an lhist() with edges beyond 2^31`,
        suspect: true,
      },
    ]);
  });

  it('is left alone when nothing is wrong with it', () => {
    const buckets = [
      { from: null, to: -1, count: 2 },
      { from: 0, to: 9, count: 0 },
      { from: 10, to: null, count: 1 },
    ];
    expect(buckets.map(withRightEdges)).toEqual(buckets);
    expect(isMisprinted(buckets)).toBe(false);
  });
});
