import { type Cell, cellKey } from '../experiment/cell.ts';
import type { SweepCosts } from '../plan/estimate.ts';
import type { PlannedRun } from '../plan/order.ts';
import { type RunTimes, type TimeEstimate, TimeLeft, withinBudget } from '../plan/time-left.ts';
import type { SweepEvent } from './events.ts';

export interface SweepTimeSetting {
  readonly cells: readonly Cell[];
  /** Costs of the hosts that make runs, by name. */
  readonly costs: ReadonlyMap<string, SweepCosts>;
  /** Times of earlier starts of the sweep, by host. */
  readonly times: ReadonlyMap<string, readonly RunTimes[]>;
  /** Whether cells get more trials until they are known precisely enough. */
  readonly untilPrecise: boolean;
  /** The time left of the sweep's budget, in ms; infinite without one. */
  readonly budgetLeftMs: () => number;
  /** A monotonic clock. */
  readonly nowMs: () => number;
}

interface HostTime {
  readonly left: TimeLeft;
  /** The run before, and when it was stored; before the first one, when the host was ready. */
  last: { readonly traced: boolean; readonly atMs: number } | undefined;
  /** The last run that ended there; another attempt at it does not count as another run. */
  made: PlannedRun | undefined;
}

/** Follows a sweep and estimates its remaining time: hosts work in parallel, the slowest counts. */
export class SweepTimeLeft {
  readonly #setting: SweepTimeSetting;
  readonly #hosts = new Map<string, HostTime>();
  readonly #hostOf = new Map<Cell, string>();

  constructor(setting: SweepTimeSetting) {
    this.#setting = setting;
    for (const [name, costs] of setting.costs) {
      const left = new TimeLeft(setting.cells, costs);
      for (const times of setting.times.get(name) ?? []) left.learn(times);
      this.#hosts.set(name, { left, last: undefined, made: undefined });
    }
  }

  /** Adds runs to be made on a host, in this order, after those that are already known. */
  expect(runs: readonly PlannedRun[], host: string): void {
    for (const { cell } of runs) this.#hostOf.set(cell, host);
    this.#hosts.get(host)?.left.expect(runs);
  }

  note(event: SweepEvent): void {
    if (event.kind === 'ended') {
      if (event.result.outcome.state !== 'interrupted') this.#ended(event.result);
    } else if (event.kind === 'environment') {
      // The time for attaching the tracer counts as part of the first run.
      const names = event.host === undefined ? [...this.#hosts.keys()] : [event.host];
      for (const name of names) {
        const host = this.#hosts.get(name);
        if (host) host.last = { traced: false, atMs: this.#setting.nowMs() };
      }
    } else if (event.kind === 'host-gone') {
      // The time until it is back does not belong to any run.
      const host = this.#hosts.get(event.host);
      if (host) host.last = undefined;
    }
  }

  /** Removes a host that makes no more runs, even if some are left. */
  hasEnded(host: string): void {
    this.#hosts.delete(host);
  }

  estimate(): TimeEstimate {
    const seconds = Math.max(0, ...[...this.#hosts.values()].map(({ left }) => left.seconds()));
    return withinBudget(seconds, this.#setting.untilPrecise, this.#setting.budgetLeftMs());
  }

  #ended({ planned, wallNs }: Extract<SweepEvent, { kind: 'ended' }>['result']): void {
    const host = this.#hosts.get(this.#hostOf.get(planned.cell) ?? '');
    if (host === undefined) return;
    const { left, last, made } = host;
    const atMs = this.#setting.nowMs();
    const seconds = wallNs / 1e9;
    if (made !== planned) left.made(planned);
    left.learn({
      cell: cellKey(planned.cell),
      traced: planned.traced,
      changed: planned.traced !== (last?.traced ?? false),
      attempts: 1,
      retries: Number(made === planned),
      seconds,
      known: Number(last !== undefined),
      overheadSeconds: last ? Math.max(0, (atMs - last.atMs) / 1000 - seconds) : 0,
    });
    host.last = { traced: planned.traced, atMs };
    host.made = planned;
  }
}
