import type { Doubt } from '../../doubt.ts';
import { type Allowance, throttledPeriods } from './allowance.ts';
import { CPU } from './linux-cpu.ts';
import { cpuTimes, TICK_NS } from './proc-stat.ts';
import { wholeNumber } from './sources.ts';

/**
 * Changes on the machine during a run. A value is null if this platform does not tell it
 * cheaply; values for processor 0 are also null if the benchmark was not bound to it.
 */
export interface RunConditions {
  /** The load just before the run. */
  readonly load1min: number;
  /** The clock of processor 0, where the benchmark runs, just after the run. */
  readonly cpu0Khz: number | null;
  /** The time that the hypervisor took from processor 0, in whole ticks of 10 ms. */
  readonly stealNs: number | null;
  /** How many times heat slowed down processor 0. */
  readonly throttleEvents: number | null;
  /** The context switches of the whole machine. */
  readonly contextSwitches: number | null;
  /** The periods in which a CPU quota stopped processes; null without a quota. */
  readonly quotaThrottledPeriods: number | null;
}

/** Small files on Linux that the agent reads just before and just after a run. */
const WATCHED = [
  '/proc/stat',
  `${CPU}/cpu0/thermal_throttle/core_throttle_count`,
  `${CPU}/cpu0/cpufreq/scaling_cur_freq`,
] as const;

/** The data that the agent has read. */
export interface Watched {
  /** Texts of the {@link watchedFiles}, in the same order; undefined if one could not be read. */
  readonly before: readonly (string | undefined)[];
  readonly after: readonly (string | undefined)[];
  readonly load1min: number | undefined;
}

/** Lists the files to be read before and after a run, on Linux. */
export function watchedFiles({
  throttleFiles,
}: Pick<Allowance, 'throttleFiles'>): readonly string[] {
  return [...WATCHED, ...throttleFiles];
}

/**
 * Pure function: computes a run's conditions from what the agent has read.
 * @param onFirst false: the benchmark was not bound to processor 0
 */
export function runConditions({ before, after, load1min }: Watched, onFirst = true): RunConditions {
  const [timesBefore, timesAfter] = [cpuTimes(before[0]), cpuTimes(after[0])];
  const [heatBefore, heatAfter] = [number(before[1]), number(after[1])];
  const both = timesBefore !== undefined && timesAfter !== undefined;
  const throttledBefore = throttledPeriods(before.slice(WATCHED.length));
  const throttledAfter = throttledPeriods(after.slice(WATCHED.length));
  return {
    load1min: load1min ?? 0,
    cpu0Khz: onFirst ? (number(after[2]) ?? null) : null,
    // A hypervisor may set the counter back when it moves the machine.
    stealNs:
      both && onFirst
        ? TICK_NS * Math.max(0, timesAfter.cpu0StealTicks - timesBefore.cpu0StealTicks)
        : null,
    throttleEvents:
      heatBefore === undefined || heatAfter === undefined || !onFirst
        ? null
        : Math.max(0, heatAfter - heatBefore),
    contextSwitches: both ? timesAfter.contextSwitches - timesBefore.contextSwitches : null,
    quotaThrottledPeriods:
      throttledBefore === undefined || throttledAfter === undefined
        ? null
        : Math.max(0, throttledAfter - throttledBefore),
  };
}

function number(text: string | undefined): number | undefined {
  return wholeNumber(text?.trim());
}

const STEAL_SHARE = 0.01;

/** Doubts about a run's times; its counts are not affected by them. */
export function conditionDoubts(conditions: RunConditions, wallNs: number): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const stealNs = conditions.stealNs ?? 0;
  // When the difference is n ticks, only n - 1 have certainly passed.
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
