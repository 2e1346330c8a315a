import { loadavg } from 'node:os';
import type { Doubt } from '../../doubt.ts';
import { type Allowance, allowanceOf, throttledPeriods } from './allowance.ts';
import { CPU } from './linux-cpu.ts';
import { readCpuTimes, TICK_NS } from './proc-stat.ts';
import { readNumber, type Sources } from './sources.ts';

/**
 * What moved on the machine while a run ran. Null where this platform does not tell cheaply, and what
 * is about processor 0 also where the benchmark was not bound to it.
 */
export interface RunConditions {
  /** Just before the run. */
  readonly load1min: number;
  /** Of processor 0, where the benchmark runs, just after the run. */
  readonly cpu0Khz: number | null;
  /** Time that the hypervisor took from processor 0, in whole ticks of 10 ms. */
  readonly stealNs: number | null;
  /** Times that heat slowed down processor 0. */
  readonly throttleEvents: number | null;
  /** Of the whole machine. */
  readonly contextSwitches: number | null;
  /** Periods in which a CPU quota stopped processes; null without a quota. */
  readonly quotaThrottledPeriods: number | null;
}

const THROTTLED = `${CPU}/cpu0/thermal_throttle/core_throttle_count`;

/**
 * To be called just before a run; what it returns, just after it. Both read a few small files of
 * the kernel's on Linux; elsewhere only the load, for which no process has to be started.
 */
export function watchConditions(
  sources: Pick<Sources, 'root'>,
  allowance: Pick<Allowance, 'processor0' | 'throttleFiles'> = allowanceOf(sources),
): (ended?: { readonly unbound: boolean }) => RunConditions {
  const load1min = loadavg()[0] ?? 0;
  const heat = readNumber(sources, THROTTLED);
  const before = readCpuTimes(sources);
  const throttled = throttledPeriods(sources, allowance);
  return ({ unbound } = { unbound: false }) => {
    const after = readCpuTimes(sources);
    const heatAfter = readNumber(sources, THROTTLED);
    const throttledAfter = throttledPeriods(sources, allowance);
    const onFirst = allowance.processor0 !== false && !unbound;
    const both = before !== undefined && after !== undefined;
    return {
      load1min,
      cpu0Khz: onFirst
        ? (readNumber(sources, `${CPU}/cpu0/cpufreq/scaling_cur_freq`) ?? null)
        : null,
      // A hypervisor that moves the machine may set it back.
      stealNs:
        both && onFirst
          ? TICK_NS * Math.max(0, after.cpu0StealTicks - before.cpu0StealTicks)
          : null,
      throttleEvents:
        heat === undefined || heatAfter === undefined || !onFirst
          ? null
          : Math.max(0, heatAfter - heat),
      contextSwitches: both ? after.contextSwitches - before.contextSwitches : null,
      quotaThrottledPeriods:
        throttled === undefined || throttledAfter === undefined
          ? null
          : Math.max(0, throttledAfter - throttled),
    };
  };
}

const STEAL_SHARE = 0.01;

/** Doubts about a run's times; its counts are not touched by them. */
export function conditionDoubts(conditions: RunConditions, wallNs: number): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const stealNs = conditions.stealNs ?? 0;
  // Of a difference of n ticks, only n - 1 have passed for certain.
  if (stealNs - TICK_NS > STEAL_SHARE * wallNs) {
    doubts.push({
      code: 'steal',
      message: `the hypervisor took about ${stealNs / 1e6} ms of ${(wallNs / 1e6).toFixed(0)} ms from processor 0`,
      suspect: false,
    });
  }
  if ((conditions.throttleEvents ?? 0) > 0) {
    doubts.push({
      code: 'throttled',
      message: `heat slowed processor 0 down ${conditions.throttleEvents} times during the run`,
      suspect: false,
    });
  }
  const stopped = conditions.quotaThrottledPeriods ?? 0;
  if (stopped > 0) {
    doubts.push({
      code: 'quota-throttled',
      message: `a CPU quota stopped processes in ${stopped === 1 ? 'one period' : `${stopped} periods`} during the run`,
      suspect: false,
    });
  }
  return doubts;
}
