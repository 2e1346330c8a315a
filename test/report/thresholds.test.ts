import { describe, expect, it } from 'vitest';
import { pipeThresholds, thresholds } from '../../src/report/figures/thresholds.ts';

const LINUX = new Map([
  ['os_name', 'Linux'],
  ['page_size_bytes', '4096'],
  ['l1d_cache_bytes', '32768'],
  ['l2_cache_bytes', '65536'],
  ['l3_cache_bytes', '33554432'],
]);
const range = [512, 2 ** 20];
const labels = (facts: Map<string, string>, pipe = true) =>
  thresholds(facts, { pipe, range }).map(({ label }) => label);

describe('thresholds', () => {
  it('are the pipe and the caches that lie in the range, in one label where their sizes are equal', () => {
    expect(labels(LINUX)).toEqual(['L1d cache 32 KiB', 'pipe capacity, L2 cache 64 KiB']);
  });

  it('leave the pipe out where there is none', () => {
    expect(labels(LINUX, false)).toEqual(['L1d cache 32 KiB', 'L2 cache 64 KiB']);
  });

  it('follow the page size, and are left out where it is unknown', () => {
    const pages = (size: string | undefined) => {
      const facts = new Map([['os_name', 'Linux']]);
      if (size !== undefined) facts.set('page_size_bytes', size);
      return pipeThresholds(facts, range).map(({ bytes }) => bytes);
    };
    expect(pages('16384')).toEqual([262144]);
    expect(pages(undefined)).toEqual([]);
    expect(pages('4 KiB')).toEqual([]);
  });

  it("have FreeBSD's own value where it is known, and 8192 otherwise", () => {
    const direct = (...told: [string, string][]) =>
      pipeThresholds(new Map([['os_name', 'FreeBSD'], ...told]), range);
    expect(direct()).toEqual([{ bytes: 8192, label: 'PIPE_MINDIRECT 8 KiB' }]);
    expect(direct(['pipe_mindirect_bytes', '16384'])[0]!.bytes).toBe(16384);
    expect(direct(['kern.ipc.pipe_mindirect', '4096'])[0]!.bytes).toBe(4096);
    expect(pipeThresholds(new Map([['os_name', 'Darwin']]), range)).toEqual([]);
  });
});
