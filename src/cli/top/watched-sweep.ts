import { quotedRuns, runMedians } from '../../analyse/bandwidths.ts';
import { median } from '../../analyse/statistics.ts';
import type { RunState } from '../../execute/outcome.ts';
import { type HostProgress, hostProgress } from '../../store/host-progress.ts';
import { bandwidthsAfter, type LiveRun, lastSession, runsAfter } from '../../store/live.ts';
import { type Db, openForReading } from '../../store/open.ts';
import {
  type CellRow,
  cellsOf,
  chooseSweep,
  listSweeps,
  type SweepRow,
} from '../../store/reader.ts';
import { storageError } from '../../store/storage-errors.ts';
import { withCorrectedState } from '../corrected-state.ts';

/** Limits the wait for a lock, because the keys, the writer and the redrawing wait as well. */
const PATIENCE_MS = 200;
/** The number of runs from which the rate is computed. */
const RECENT = 100;

export interface WatchedCell {
  readonly cell: CellRow;
  /** The number of runs that have ended, in any state. */
  readonly done: number;
  /** The number of runs without a completed attempt. */
  readonly bad: number;
  /** The median of the bandwidth that will be quoted; bytes per second. */
  readonly median: number | undefined;
}

/** A sweep at one point in time. */
export interface WatchedSweep {
  readonly sweep: SweepRow;
  readonly done: number;
  readonly states: ReadonlyMap<RunState, number>;
  readonly cells: readonly WatchedCell[];
  /** The hosts in the order of the cells. */
  readonly hosts: readonly HostProgress[];
  /** The number of runs that each cell gets, or gets at least. */
  readonly runsOfCell: number;
  /** The last runs of the last start, in the order in which they were stored. */
  readonly recent: readonly LiveRun[];
  /**
   * How long ago the newest run was noticed; undefined if it was already there at the first look.
   */
  readonly secondsSinceNewest: number | undefined;
}

interface CellData {
  readonly done: Set<string>;
  /** The state of each run, by the attempt that stands for it so far. */
  readonly states: Map<string, RunState>;
  readonly traced: Map<number, number[]>;
  readonly untraced: Map<number, number[]>;
  median: number | undefined;
}

/**
 * Looks at a sweep repeatedly and reads anything new. The database is closed between two looks: a
 * reader that stays would keep the sweep from leaving a single file when it ends.
 */
export class SweepWatch {
  readonly #file: string;
  readonly #which: string | undefined;
  readonly #nowMs: () => number;
  #following = '';
  #newestAtMs: number | undefined;
  #lastRun = 0;
  #recent: LiveRun[] = [];
  #environments = new Map<string, number>();
  #cells = new Map<number, CellData>();

  /** @param which as for {@link chooseSweep}; if undefined, the sweep that runs, or the newest */
  constructor(
    file: string,
    which: string | undefined,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#nowMs = nowMs;
    this.#file = file;
    this.#which = which;
  }

  /** @throws UserError when the database cannot be read now, or has no such sweep */
  look(): WatchedSweep {
    const db = openForReading(this.#file, PATIENCE_MS);
    try {
      // A consistent snapshot.
      db.exec('BEGIN');
      return this.#read(db);
    } catch (error) {
      throw storageError(this.#file, error);
    } finally {
      db.close();
    }
  }

  #read(db: Db): WatchedSweep {
    const running = listSweeps(db).find(({ state }) => state === 'running');
    const chosen = this.#which === undefined && running ? running : chooseSweep(db, this.#which);
    const [sweep = chosen] = withCorrectedState(this.#file, [chosen]);
    const following = `${sweep.id} ${sweep.started_at} ${lastSession(db, sweep.id)}`;
    const first = following !== this.#following;
    if (first) this.#forget();
    this.#following = following;
    const runs = runsAfter(db, sweep.id, this.#lastRun);
    if (runs.length > 0) this.#newestAtMs = first ? undefined : this.#nowMs();
    const bandwidths = bandwidthsAfter(db, sweep.id, this.#lastRun);
    const touched = new Set<number>();
    for (const run of runs) {
      touched.add(run.cell);
      this.#take(run, sweep);
    }
    for (const { cell, run_id: id, traced, bandwidth } of bandwidths) {
      const own = this.#cell(cell)[traced === 1 ? 'traced' : 'untraced'];
      own.set(id, [...(own.get(id) ?? []), bandwidth]);
    }
    for (const cell of touched) this.#sumUp(this.#cell(cell), sweep);
    return this.#seen(sweep, cellsOf(db, sweep.id), hostProgress(db, sweep.id));
  }

  #forget(): void {
    this.#lastRun = 0;
    this.#recent = [];
    this.#newestAtMs = undefined;
    this.#environments = new Map();
    this.#cells = new Map();
  }

  #cell(number: number): CellData {
    const known = this.#cells.get(number);
    if (known) return known;
    const cell: CellData = {
      ...{ done: new Set(), states: new Map(), median: undefined },
      ...{ traced: new Map(), untraced: new Map() },
    };
    this.#cells.set(number, cell);
    return cell;
  }

  #take(run: LiveRun, { warmup, trials_max: most }: SweepRow): void {
    const cell = this.#cell(run.cell);
    this.#lastRun = run.run_id;
    const key = `${run.trial} ${run.traced}`;
    const before = cell.states.get(key);
    const stays = before === 'completed' || (before && run.state === 'interrupted');
    if (!stays) cell.states.set(key, run.state);
    if (run.state !== 'interrupted' && run.trial <= warmup + most) cell.done.add(key);
    // Hosts work in parallel; one that has a new environment was started again.
    const environment = this.#environments.get(run.host);
    if (environment !== undefined && environment !== run.environment_id) this.#recent = [];
    this.#environments.set(run.host, run.environment_id);
    this.#recent.push(run);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  #sumUp(cell: CellData, sweep: SweepRow): void {
    const runs = { traced: [...cell.traced.values()], untraced: [...cell.untraced.values()] };
    const medians = runMedians(quotedRuns(runs, sweep));
    cell.median = medians.length > 0 ? median(medians) : undefined;
  }

  #seen(sweep: SweepRow, rows: readonly CellRow[], hosts: readonly HostProgress[]): WatchedSweep {
    const cells = rows.map((cell): WatchedCell => {
      const { done, states, median } = this.#cells.get(cell.cell) ?? NOTHING;
      const bad = [...states.values()].filter((state) => state !== 'completed').length;
      return { cell, done: done.size, bad, median };
    });
    const states = new Map<RunState, number>();
    for (const cell of this.#cells.values()) {
      for (const state of cell.states.values()) states.set(state, (states.get(state) ?? 0) + 1);
    }
    return {
      sweep,
      cells,
      hosts,
      done: cells.reduce((sum, { done }) => sum + done, 0),
      states,
      runsOfCell: (sweep.controls + 1) * (sweep.warmup + sweep.trials_min),
      recent: [...this.#recent],
      secondsSinceNewest:
        this.#newestAtMs === undefined ? undefined : (this.#nowMs() - this.#newestAtMs) / 1000,
    };
  }
}

const NOTHING: Pick<CellData, 'done' | 'states' | 'median'> = {
  done: new Set(),
  states: new Map(),
  median: undefined,
};
