import type { Db } from './open.ts';
import { CELL_COLUMNS } from './reader.ts';

/** Trouble with a host in the last start of its sweep. */
export interface HostTrouble {
  /** gone: its link broke and is being retried; away: it was set aside. */
  readonly state: 'gone' | 'away';
  readonly reason: string;
}

/** How far a host has got with its part of a sweep. */
export interface HostProgress {
  /** The host's name in the spec. */
  readonly name: string;
  /** The machine's own name; undefined before its first run. */
  readonly machine: string | undefined;
  readonly cells: number;
  /** The number of runs that have ended, in any state. */
  readonly done: number;
  /** The number of runs that its cells have, or have at least. */
  readonly planned: number;
  /** The number of runs without a completed attempt. */
  readonly bad: number;
  readonly trouble: HostTrouble | undefined;
}

/** Progress of each host, in the order of the cells. A host without cells is left out. */
export function hostProgress(db: Db, sweepId: number): readonly HostProgress[] {
  const cells = `SELECT id, sweep_id, ${CELL_COLUMNS} FROM cell WHERE sweep_id = @id AND asked = 1 AND other_shard = 0`;
  const rows = db
    .prepare<
      { id: number },
      { name: string; machine: string | null; cells: number; least: number }
    >(
      `SELECT own.host AS name, sweep_host.machine, count(*) AS cells,
         count(*) * (1 + sweep.controls) * (sweep.warmup + sweep.trials_min) AS least
       FROM (${cells}) AS own JOIN sweep ON sweep.id = own.sweep_id
       LEFT JOIN sweep_host ON sweep_host.sweep_id = sweep.id AND sweep_host.name = own.host
       GROUP BY own.host ORDER BY min(own.cell)`,
    )
    .all({ id: sweepId });
  const made = new Map(
    db
      .prepare<{ id: number }, { host: string; done: number; more: number; bad: number }>(
        `SELECT host, count(*) FILTER (WHERE ended) AS done, count(*) FILTER (WHERE ended AND later) AS more,
           sum(bad) AS bad
         FROM (
           SELECT own.host, max(run.state <> 'interrupted') AND run.trial <= sweep.warmup + sweep.trials_max AS ended,
             run.trial > sweep.warmup + sweep.trials_min AS later, max(run.state = 'completed') = 0 AS bad
           FROM (${cells}) AS own JOIN run ON run.cell_id = own.id JOIN sweep ON sweep.id = own.sweep_id
           GROUP BY run.cell_id, run.trial, run.traced)
         GROUP BY host`,
      )
      .all({ id: sweepId })
      .map((row) => [row.host, row]),
  );
  const troubles = hostTroubles(db, sweepId);
  return rows.map(({ name, machine, cells, least }) => {
    const { done = 0, more = 0, bad = 0 } = made.get(name) ?? {};
    return {
      ...{ name, machine: machine ?? undefined, cells, done, bad },
      planned: least + more,
      trouble: troubles.get(name),
    };
  });
}

export function hostTroubles(db: Db, sweepId: number): ReadonlyMap<string, HostTrouble> {
  const rows = db
    .prepare<[number], HostTrouble & { name: string }>(
      'SELECT name, state, reason FROM host_trouble WHERE sweep_id = ?',
    )
    .all(sweepId);
  return new Map(rows.map(({ name, ...trouble }) => [name, trouble]));
}

/** @param trouble undefined if the host works */
export function noteTrouble(
  db: Db,
  sweepId: number,
  name: string,
  trouble: HostTrouble | undefined,
): void {
  if (trouble === undefined) {
    db.prepare('DELETE FROM host_trouble WHERE sweep_id = ? AND name = ?').run(sweepId, name);
    return;
  }
  db.prepare(
    `INSERT INTO host_trouble VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state, reason = excluded.reason`,
  ).run(sweepId, name, trouble.state, trouble.reason);
}

/** Forgets the troubles of the previous start when a sweep is started again. */
export function forgetTroubles(db: Db, sweepId: number): void {
  db.prepare('DELETE FROM host_trouble WHERE sweep_id = ?').run(sweepId);
}
