import type { BenchmarkOptions } from '../benchmark/argv.ts';
import type { Cell } from '../experiment/cell.ts';
import { assignCells } from './assign.ts';
import type { PlannedRun } from './order.ts';
import { estimateRuns } from './plan.ts';

/** What one host of a plan does. */
export interface HostShare {
  readonly host: string;
  readonly cells: number;
  readonly runs: number;
  readonly seconds: number;
}

export interface HostPlan {
  /** The host of each cell, in the order of the cells. */
  readonly hostOf: readonly string[];
  /** In the order of the hosts. */
  readonly shares: readonly HostShare[];
  /** Hosts work side by side: as long as the busiest of them takes. */
  readonly seconds: number;
}

/** Who does what of a sweep that nobody has begun. */
export function planHosts(
  cells: readonly Cell[],
  hosts: readonly string[],
  runs: readonly PlannedRun[],
  options: BenchmarkOptions,
): HostPlan {
  const hostOf = assignCells(cells, hosts, new Map());
  const shares = hosts.map((host) => {
    const own = runs.filter(({ cellIndex }) => hostOf[cellIndex] === host);
    return {
      host,
      cells: hostOf.filter((each) => each === host).length,
      runs: own.length,
      seconds: estimateRuns(own, options),
    };
  });
  return { hostOf, shares, seconds: Math.max(0, ...shares.map(({ seconds }) => seconds)) };
}
