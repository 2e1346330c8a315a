import type { Cell } from '../experiment/cell.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import { assignCells } from './assign.ts';
import type { SweepCosts } from './estimate.ts';
import type { PlannedRun } from './order.ts';
import { TimeLeft } from './time-left.ts';

/** One host's share of a plan. */
export interface HostShare {
  readonly host: string;
  readonly cells: number;
  readonly runs: number;
  readonly seconds: number;
}

export interface HostPlan {
  /** The host of each cell, in the order of the cells. */
  readonly hostOf: readonly string[];
  /** The shares, in the order of the hosts. */
  readonly shares: readonly HostShare[];
  /** The time that the slowest host takes, because the hosts work in parallel. */
  readonly seconds: number;
}

/** The time from the command to the first run, and from the last run until files are written. */
const SECONDS_AROUND = 0.8;
/** The time to reach another machine, and to build agent and benchmark there if it is new. */
const SECONDS_TO_REACH = 3;

/**
 * Divides a sweep that has not been started among the hosts.
 * @param costs the costs of a run on each of the hosts, which are of one kind
 */
export function planHosts(
  cells: readonly Cell[],
  hosts: readonly string[],
  runs: readonly PlannedRun[],
  costs: SweepCosts,
): HostPlan {
  const hostOf = assignCells(cells, hosts, new Map());
  const shares = hosts.map((host) => {
    const own = runs.filter(({ cellIndex }) => hostOf[cellIndex] === host);
    const left = new TimeLeft(cells, costs);
    left.expect(own);
    return {
      host,
      cells: hostOf.filter((each) => each === host).length,
      runs: own.length,
      seconds: SECONDS_AROUND + (host === LOCAL_HOST ? 0 : SECONDS_TO_REACH) + left.seconds(),
    };
  });
  return { hostOf, shares, seconds: Math.max(0, ...shares.map(({ seconds }) => seconds)) };
}
