import { type Cell, cellKey } from '../experiment/cell.ts';
import type { SweepCosts } from '../plan/estimate.ts';
import type { PlannedRun } from '../plan/order.ts';
import { type Estimate, type RunTimes, TimeLeft, withinBudget } from '../plan/time-left.ts';
import type { SweepEvent } from './events.ts';

export interface SweepTimeSetting {
  readonly cells: readonly Cell[];
  /** Of the hosts that make runs, by name. */
  readonly costs: ReadonlyMap<string, SweepCosts>;
  /** Of earlier starts of the sweep, by host. */
  readonly times: ReadonlyMap<string, readonly RunTimes[]>;
  /** Whether cells get trials until they are known well enough. */
  readonly untilPrecise: boolean;
  /** What is left of the sweep's budget, in ms; infinite without one. */
  readonly budgetLeftMs: () => number;
  /** A clock that nobody sets. */
  readonly nowMs: () => number;
}

interface HostTime {
  readonly left: TimeLeft;
  /** When the run before had been stored there; before the first one, when the host was ready for it. */
  last: { readonly traced: boolean; readonly atMs: number } | undefined;
  /** The run that has ended last there; another attempt at it is no other run. */
  made: PlannedRun | undefined;
}

/** Follows a sweep and tells how much longer it takes: hosts work side by side, so the slowest counts. */
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

  /** These runs are to be made on a host, in this order, after those that are known. */
  expect(runs: readonly PlannedRun[], host: string): void {
    for (const { cell } of runs) this.#hostOf.set(cell, host);
    this.#hosts.get(host)?.left.expect(runs);
  }

  note(event: SweepEvent): void {
    if (event.kind === 'ended') {
      if (event.result.outcome.state !== 'interrupted') this.#ended(event.result);
    } else if (event.kind === 'environment') {
      // The first run takes what it takes to attach the tracer, too.
      const names = event.host === undefined ? [...this.#hosts.keys()] : [event.host];
      for (const name of names) {
        const host = this.#hosts.get(name);
        if (host) host.last = { traced: false, atMs: this.#setting.nowMs() };
      }
    } else if (event.kind === 'host-gone') {
      // The time until it is back is no run's.
      const host = this.#hosts.get(event.host);
      if (host) host.last = undefined;
    }
  }

  /** A host makes no more runs, whatever is left there. */
  hasEnded(host: string): void {
    this.#hosts.delete(host);
  }

  estimate(): Estimate {
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
