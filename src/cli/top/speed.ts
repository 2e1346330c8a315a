import type { LiveRun } from '../../store/live.ts';
import type { WatchedSweep } from './watched-sweep.ts';

/** The speed of a sweep, judging by its last runs. */
export interface Speed {
  /** Undefined before there are two runs. */
  readonly runsPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Time since the last run ended; undefined before there is one. */
  readonly secondsSince: number | undefined;
}

export function speedOf(watched: WatchedSweep, nowMs: number): Speed {
  const { recent, sweep, done, hosts } = watched;
  // Hosts are looked at one by one, because they work in parallel and each has its own clock.
  const speeds = [...new Set(recent.map(({ host }) => host))].map((host) => ({
    ...speedOfHost(recent.filter((run) => run.host === host)),
    progress: hosts.find(({ name }) => name === host),
  }));
  const rates = speeds.flatMap(({ rate }) => rate ?? []);
  const rate = rates.length > 0 ? rates.reduce((sum, one) => sum + one, 0) : undefined;
  // The time that the busiest host still needs.
  const left =
    hosts.length < 2
      ? rate !== undefined && Math.max(0, sweep.planned_runs - done) / rate
      : Math.max(
          ...speeds.map(({ rate, progress }) =>
            rate && progress ? Math.max(0, progress.planned - progress.done) / rate : 0,
          ),
        );
  const ends = speeds.map(({ endMs }) => nowMs - endMs);
  return {
    runsPerSecond: rate,
    secondsLeft: rate === undefined || left === false ? undefined : left,
    secondsSince:
      watched.secondsSinceNewest ??
      (ends.length > 0 ? Math.max(0, Math.min(...ends) / 1000) : undefined),
  };
}

function speedOfHost(recent: readonly LiveRun[]): {
  readonly rate: number | undefined;
  readonly endMs: number;
} {
  const [first, last] = [recent[0]!, recent.at(-1)!];
  const endMs = Date.parse(last.started_at) + last.wall_ns / 1e6;
  const spentMs = spentOn(first, last) ?? endMs - Date.parse(first.started_at);
  // Several attempts at a run count as one run.
  const runs = new Set(recent.map(({ cell, trial, traced }) => `${cell} ${trial} ${traced}`)).size;
  return { rate: recent.length > 1 && spentMs > 0 ? (1000 * runs) / spentMs : undefined, endMs };
}

/**
 * Time spent in ms, by the sweep's own running time, which is not affected by setting the clock.
 */
function spentOn(first: LiveRun, last: LiveRun): number | undefined {
  if (first.active_ms == null || last.active_ms == null) return undefined;
  return last.active_ms - first.active_ms + first.wall_ns / 1e6;
}
