import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowanceOf,
  beginsWithFirst,
  throttledPeriods,
} from '../../../src/host/machine/allowance.ts';
import { allowedIn } from '../../../src/host/machine/freebsd.ts';
import { machine } from './file-tree.ts';

const status = (list: string) => ({
  '/proc/self/status': `Name:\tnode\nCpus_allowed_list:\t${list}`,
});
const of = (files: Record<string, string>) => allowanceOf(machine('linux', files));

describe('the share of a machine that a process may use', () => {
  it('is everything where nothing limits it', async () => {
    expect(await of({})).toEqual({
      ...{ processors: undefined, processor0: undefined, quotaProcessors: undefined },
      ...{ memoryBytes: undefined, throttleFiles: [] },
    });
  });

  it('lacks processor 0 where the set of processors lacks it', async () => {
    const cpuset = (list: string) => ({
      ...status('1-3'),
      '/proc/self/cgroup': '0::/box',
      '/sys/fs/cgroup/box/cpuset.cpus.effective': list,
    });
    expect(await of(cpuset('1-3'))).toMatchObject({ processors: '1-3', processor0: false });
    // taskset(1) alone is no hindrance: the benchmark may choose again.
    expect(await of(cpuset('0-3'))).toMatchObject({ processors: '1-3', processor0: true });
    expect(await of(status('0-1,4'))).toMatchObject({ processor0: true });
    expect(await of(status('10-12'))).toMatchObject({ processor0: false });
    const old = {
      ...status('1'),
      '/proc/self/cgroup': '4:memory:/\n3:cpuset:/box\n0::/',
      '/sys/fs/cgroup/cpuset/box/cpuset.effective_cpus': '0-1',
    };
    expect(await of(old)).toMatchObject({ processor0: true });
  });

  it('is the tightest quota of all groups of the process in version 2', async () => {
    const sources = machine('linux', {
      '/proc/self/cgroup': '0::/a/b',
      '/sys/fs/cgroup/a/b/cpu.max': 'max 100000',
      '/sys/fs/cgroup/a/cpu.max': '150000 100000',
      '/sys/fs/cgroup/a/cpu.stat': 'usage_usec 1\nnr_periods 264\nnr_throttled 190\n',
      '/sys/fs/cgroup/cpu.max': '200000 100000',
      '/sys/fs/cgroup/cpu.stat': 'nr_periods 264\nnr_throttled 3\n',
      '/sys/fs/cgroup/a/memory.max': '536870912',
    });
    const allowance = await allowanceOf(sources);
    expect(allowance).toMatchObject({ quotaProcessors: 1.5, memoryBytes: 2 ** 29 });
    expect(throttledPeriods(await Promise.all(allowance.throttleFiles.map(sources.readText)))).toBe(
      193,
    );
  });

  it('is a quota in version 1, even where the path is visible only on the host', async () => {
    const sources = machine('linux', {
      '/proc/self/cgroup': '3:cpu,cpuacct:/docker/123\n0::/docker/123',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
      '/sys/fs/cgroup/cpu/cpu.stat': 'nr_throttled 7',
    });
    const allowance = await allowanceOf(sources);
    expect(allowance.quotaProcessors).toBe(0.5);
    expect(throttledPeriods(await Promise.all(allowance.throttleFiles.map(sources.readText)))).toBe(
      7,
    );
    const none = { '/proc/self/cgroup': '3:cpu:/', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1' };
    expect(await of({ ...none, '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' })).toMatchObject({
      ...{ quotaProcessors: undefined, throttleFiles: [] },
    });
  });

  it('is read without an exception, whatever the files contain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), async (groups, text) => {
        const lines = groups.replaceAll('\0', '');
        const files = { '/proc/self/cgroup': lines, '/sys/fs/cgroup/cpu.max': text };
        const { quotaProcessors } = await of({ ...files, '/proc/self/status': text });
        expect(quotaProcessors === undefined || quotaProcessors > 0).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("FreeBSD's set of processors", () => {
  it('is the list after the word mask', () => {
    expect(allowedIn('pid -1 cpuset mask: 0, 1, 2, 3\n')).toBe('0,1,2,3');
    expect(allowedIn('pid -1 mask: 2, 3\npid -1 domain policy: first-touch mask: 0\n')).toBe('2,3');
    expect(allowedIn('cpuset: illegal option')).toBeUndefined();
    expect(['0,1', '0', '0-3', '1,10', '10'].map(beginsWithFirst)).toEqual([
      ...[true, true, true, false, false],
    ]);
  });
});
