/** The times in Linux's /proc/stat. A tick is 10 ms: times are in USER_HZ, which is 100. */
export interface CpuTimes {
  /** The stolen time of all processors. */
  readonly stealTicks: number;
  readonly totalTicks: number;
  /** The stolen time of processor 0, where the benchmark runs. */
  readonly cpu0StealTicks: number;
  readonly contextSwitches: number;
}

export const TICK_NS = 10_000_000;

/**
 * Pure function. Guest time is part of user time and is not added again.
 * @param text the text of /proc/stat, or undefined if there is none
 */
export function cpuTimes(text: string | undefined): CpuTimes | undefined {
  const all = ticks(text, 'cpu');
  if (text === undefined || all.length < 8) return undefined;
  return {
    stealTicks: all[7] ?? 0,
    totalTicks: all.slice(0, 8).reduce((sum, n) => sum + n, 0),
    cpu0StealTicks: ticks(text, 'cpu0')[7] ?? 0,
    contextSwitches: Number(/^ctxt (\d+)/m.exec(text)?.[1] ?? 0),
  };
}

/** The fields are: user nice system idle iowait irq softirq steal guest guest_nice */
function ticks(text: string | undefined, name: string): readonly number[] {
  const line = new RegExp(`^${name} +(.*)$`, 'm').exec(text ?? '')?.[1];
  return line === undefined ? [] : line.split(/\s+/).map(Number);
}
