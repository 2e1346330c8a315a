import type { LiveRun } from '../../store/live.ts';
import type { WatchedSweep } from './watched-sweep.ts';

/** How fast a sweep is, of its last runs. */
export interface Pace {
  /** Undefined before there are two. */
  readonly runsPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Since the last run ended; undefined before there is one. */
  readonly secondsSince: number | undefined;
}

export function paceOf(watched: WatchedSweep, nowMs: number): Pace {
  const { recent, sweep, done } = watched;
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last) {
    return { runsPerSecond: undefined, secondsLeft: undefined, secondsSince: undefined };
  }
  const endMs = Date.parse(last.started_at) + last.wall_ns / 1e6;
  const spentMs = spentOn(first, last) ?? endMs - Date.parse(first.started_at);
  // Attempts at one run are one run.
  const runs = new Set(recent.map(({ cell, trial, traced }) => `${cell} ${trial} ${traced}`)).size;
  const rate = recent.length > 1 && spentMs > 0 ? (1000 * runs) / spentMs : undefined;
  return {
    runsPerSecond: rate,
    secondsLeft: rate === undefined ? undefined : Math.max(0, sweep.planned_runs - done) / rate,
    secondsSince: watched.secondsSinceNewest ?? Math.max(0, (nowMs - endMs) / 1000),
  };
}

/** By the sweep's own running time, which no setting of the clock moves; ms. */
function spentOn(first: LiveRun, last: LiveRun): number | undefined {
  if (first.active_ms == null || last.active_ms == null) return undefined;
  return last.active_ms - first.active_ms + first.wall_ns / 1e6;
}
