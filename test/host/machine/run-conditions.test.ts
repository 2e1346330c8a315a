import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { conditionDoubts, watchConditions } from '../../../src/host/machine/run-conditions.ts';
import { THIS_MACHINE } from '../../../src/host/machine/sources.ts';
import { fileTree } from './file-tree.ts';

const stat = (steal0: number, switches: number) =>
  `cpu  9 9 9 9 9 9 9 999 0 0\ncpu0 1 2 3 4 5 6 7 ${steal0} 0 0\ncpu1 1 2 3 4 5 6 7 555 0 0\nctxt ${switches}\n`;
const THROTTLE = '/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count';

describe('the conditions of a run', () => {
  it('are what moved between its begin and its end', () => {
    const root = fileTree({
      '/proc/stat': stat(10, 5000),
      [THROTTLE]: '7',
      '/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '800000',
    });
    const end = watchConditions({ root });
    writeFileSync(`${root}/proc/stat`, stat(13, 5600));
    writeFileSync(root + THROTTLE, '9\n');
    writeFileSync(`${root}/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq`, '2400000\n');
    expect(end()).toEqual({
      load1min: expect.any(Number),
      cpu0Khz: 2_400_000,
      stealNs: 30_000_000,
      throttleEvents: 2,
      contextSwitches: 600,
      quotaThrottledPeriods: null,
    });
  });

  it('are null where this machine does not tell', () => {
    expect(watchConditions({ root: fileTree({}) })()).toEqual({
      load1min: expect.any(Number),
      cpu0Khz: null,
      stealNs: null,
      throttleEvents: null,
      contextSwitches: null,
      quotaThrottledPeriods: null,
    });
  });

  it('say nothing of processor 0 when the benchmark was not, or could not be, bound to it', () => {
    const root = fileTree({
      '/proc/stat': stat(10, 5000),
      [THROTTLE]: '7',
      '/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq': '800000',
    });
    const unknown = { cpu0Khz: null, stealNs: null, throttleEvents: null };
    const forbidden = { processor0: false, throttleFiles: [] };
    expect(watchConditions({ root }, forbidden)()).toMatchObject(unknown);
    expect(watchConditions({ root })({ unbound: true })).toMatchObject(unknown);
    expect(watchConditions({ root })({ unbound: false })).toMatchObject({ cpu0Khz: 800_000 });
  });

  it('count the periods in which a quota stopped something', () => {
    const root = fileTree({
      '/proc/self/cgroup': '0::/',
      '/sys/fs/cgroup/cpu.max': '50000 100000',
      '/sys/fs/cgroup/cpu.stat': 'nr_periods 9\nnr_throttled 5',
    });
    const end = watchConditions({ root });
    writeFileSync(`${root}/sys/fs/cgroup/cpu.stat`, 'nr_periods 300\nnr_throttled 195\n');
    expect(end().quotaThrottledPeriods).toBe(190);
  });

  it('are not negative when the machine was moved to another host', () => {
    const root = fileTree({ '/proc/stat': stat(10, 1) });
    const end = watchConditions({ root });
    writeFileSync(`${root}/proc/stat`, stat(0, 2));
    expect(end().stealNs).toBe(0);
  });

  it.runIf(process.platform === 'linux')('count the switches of this machine', async () => {
    const end = watchConditions(THIS_MACHINE);
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(end().contextSwitches).toBeGreaterThanOrEqual(5);
  });
});

describe('a doubt about a run', () => {
  const calm = {
    load1min: 1,
    cpu0Khz: null,
    stealNs: 0,
    throttleEvents: 0,
    contextSwitches: 9,
    quotaThrottledPeriods: null,
  };
  const codes = (change: object, wallNs: number) =>
    conditionDoubts({ ...calm, ...change }, wallNs).map(({ code, suspect }) => [code, suspect]);

  it('is none when nothing disturbed it, or when nothing is known', () => {
    expect(codes({}, 1e9)).toEqual([]);
    expect(codes({ stealNs: null, throttleEvents: null }, 1e9)).toEqual([]);
  });

  it('comes with steal of more than 1 % for certain, and does not make the run suspect', () => {
    expect(codes({ stealNs: 20e6 }, 0.9e9)).toEqual([['steal', false]]);
    expect(codes({ stealNs: 20e6 }, 1e9)).toEqual([]);
    // One tick may have been nearly full before a short run began.
    expect(codes({ stealNs: 10e6 }, 5e6)).toEqual([]);
  });

  it('comes with a CPU quota that stopped something', () => {
    expect(codes({ quotaThrottledPeriods: 0 }, 1e9)).toEqual([]);
    expect(codes({ quotaThrottledPeriods: 190 }, 1e9)).toEqual([['quota-throttled', false]]);
  });

  it('comes with throttling', () => {
    expect(codes({ throttleEvents: 1 }, 1e9)).toEqual([['throttled', false]]);
  });
});
