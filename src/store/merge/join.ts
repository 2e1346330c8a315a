import { ExitCode, UserError } from '../../errors.ts';
import { cellKey } from '../../experiment/cell.ts';
import { HOST_NAME, LOCAL_HOST } from '../../host/host-name.ts';
import type { Db } from '../db.ts';
import { CELL_COLUMNS, type CellRow, cellOf } from '../reader.ts';
import { isDivided } from './conditions.ts';
import { placesOf, type StoredPlace } from './environments.ts';
import type { Merge } from './merge.ts';
import { namesOfOrigin, type SweepOrigin } from './origins.ts';
import { type OwnedTable, tableNamed } from './owned-tables.ts';
import type { Row, Value } from './row-copier.ts';

/**
 * The columns that hold a host's name, by table. Those of the table cell are treated separately.
 */
const HOST_COLUMNS: ReadonlyMap<string, string> = new Map([
  ['environment', 'host_name'],
  ['sweep_host', 'name'],
  ['sweep_program', 'host'],
  ['host_trouble', 'name'],
  ['hook_call', 'host'],
]);

/** The names that the hosts of a sweep get in the sweep that it becomes a part of. */
export interface HostNames {
  /** @param name the host's name in the input; @param machine the machine's own name, if known */
  readonly of: (name: string, machine: string | undefined) => string;
  /** The host, by its name in the input, of cells that have none yet; empty if there are several. */
  readonly only: string;
}

/**
 * Names hosts so that two machines never have one name: `local` is another machine in each database.
 * @param known the environments that are in the output already, which keep their hosts' names
 */
export function hostNames(
  { input, hostsBy }: Merge,
  sweepId: number,
  origins: readonly SweepOrigin[],
  known: ReadonlyMap<bigint, StoredPlace>,
): HostNames {
  const [origin, ...others] = origins;
  const places = placesOf(input, sweepId);
  const names = new Set(places.map(({ hostName }) => hostName));
  const [first = ''] = names;
  const only = names.size === 1 ? first : '';
  // The hosts of a sweep that is joined already have such names.
  if (origin === undefined || origin.asOne || others.length > 0)
    return { of: (name) => name, only };
  const before = new Map<string, string>();
  for (const place of places) {
    const there = known.get(place.id);
    if (there) before.set(JSON.stringify([place.hostName, place.machine]), there.hostName);
  }
  const label = fit(namesOfOrigin(origin.file)[0]);
  const machines = new Map(
    input
      .prepare<[number], { name: string; machine: string }>(
        'SELECT name, machine FROM sweep_host WHERE sweep_id = ?',
      )
      .all(sweepId)
      .map(({ name, machine }) => [name, machine]),
  );
  for (const { hostName, machine } of places) {
    if (!machines.has(hostName)) machines.set(hostName, machine);
  }
  return {
    only,
    of(name, machine = machines.get(name)) {
      if (name === '') return '';
      const there = before.get(JSON.stringify([name, machine]));
      if (there !== undefined) return there;
      if (hostsBy === 'file') return names.size > 1 ? fit(`${label}.${name}`) : label;
      return name === LOCAL_HOST ? fit(machine ?? label) : name;
    },
  };
}

/** Makes a name that a spec could give to a host. */
function fit(name: string): string {
  if (HOST_NAME.test(name) && name !== LOCAL_HOST) return name;
  return `host-${name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 200)}`;
}

/** Returns rows of a sweep's parts with the hosts' new names. */
export function withHostNames({ input }: Merge, names: HostNames): Merge['changed'] {
  const machineOf = input.prepare<[Value], string>('SELECT name FROM host WHERE id = ?').pluck();
  return (table, row) => {
    const column = HOST_COLUMNS.get(table);
    if (column === undefined) return row;
    // Only an environment tells its machine itself.
    const machine = machineOf.get(row.host_id ?? null);
    return { ...row, [column]: names.of(row[column] as string, machine) };
  };
}

/** @throws UserError when a host has another machine's name, benchmark or tracing program */
export function requireSameHosts(merge: Merge, from: number, to: number, names: HostNames): void {
  const { input, output, file } = merge;
  const hosts = (db: Db, sweepId: number) =>
    db
      .prepare<{ 1: number }, Record<'name' | 'machine' | 'benchmark' | 'program', string>>(
        `SELECT name, machine, benchmark_sha256 AS benchmark, trace_program_sha256 AS program
         FROM sweep_host WHERE sweep_id = ?1
         UNION ALL SELECT host || ' ' || name, '', sha256, '' FROM sweep_program WHERE sweep_id = ?1`,
      )
      .all({ 1: sweepId });
  const there = new Map(hosts(output, to).map((host) => [host.name, host]));
  for (const host of hosts(input, from)) {
    const [own = '', program] = host.name.split(' ');
    const name = names.of(own, host.machine || undefined);
    const known = there.get(program === undefined ? name : `${name} ${program}`);
    const what =
      known &&
      ((known.machine !== host.machine && 'machine') ||
        (known.benchmark !== host.benchmark && 'benchmark') ||
        (known.program !== host.program && 'tracing program'));
    if (!what) continue;
    throw new UserError(
      `${file}: the ${what} of host ${name} differs from that in the sweep to which it would be joined`,
      {
        hint: 'if these are two machines, --hosts-by file tells them apart in a new file',
        exitCode: ExitCode.machine,
      },
    );
  }
}

/**
 * Takes over the cells of a sweep into one that is joined from several. Where each host makes the
 * whole matrix, a cell is one host's; where the cells were shared out, all databases have all cells.
 * @returns the new ids of cells by their old ones
 */
export function joinCells(
  merge: Merge,
  from: number,
  to: number,
  names: HostNames,
): ReadonlyMap<bigint, bigint> {
  const { input, output, copier, tables } = merge;
  const table = tableNamed(tables, 'cell');
  const parts = table.owned.filter(({ name }) => name !== 'run');
  const divided = isDivided(input, from);
  const described = input.prepare<[bigint], CellRow>(
    `SELECT ${CELL_COLUMNS} FROM cell WHERE id = ?`,
  );
  const lastPlace = input.prepare<[bigint], { name: string; machine: string }>(
    `SELECT host_name AS name, host.name AS machine FROM run
     JOIN environment ON environment.id = environment_id JOIN host ON host.id = host_id
     WHERE cell_id = ? ORDER BY run.id DESC LIMIT 1`,
  );
  const find = output
    .prepare<[number, string], Record<'id' | 'number' | 'asked', bigint>>(
      'SELECT id, number, asked FROM cell WHERE sweep_id = ? AND key = ?',
    )
    .safeIntegers();
  let last = output
    .prepare<[number], bigint>(
      'SELECT coalesce(max(number), 0) FROM cell WHERE sweep_id = ? AND asked = 1',
    )
    .pluck()
    .safeIntegers()
    .get(to)!;
  const update = output.prepare<[Row]>(
    `UPDATE cell SET number = @number, asked = max(asked, @asked),
       assigned_host = iif(@assigned_host = '', assigned_host, @assigned_host) WHERE id = @id`,
  );
  const cells = new Map<bigint, bigint>();
  for (const row of [...copier.rowsOf(table, BigInt(from))].sort(byNumber)) {
    const old = row.id as bigint;
    const cell = described.get(old)!;
    const place = lastPlace.get(old);
    const host = names.of(place?.name ?? (cell.host || names.only), place?.machine);
    const isMade = !divided || place !== undefined;
    const placed = {
      ...row,
      ...(divided ? {} : { host, key: cellKey({ ...cellOf(cell), host }) }),
      assigned_host: isMade ? host : '',
      other_shard: 0n,
    };
    const there = find.get(to, placed.key as string);
    // As in any sweep, only cells that are asked for are counted.
    const isAdded = row.asked === 1n && there?.asked !== 1n;
    const number = isAdded ? ++last : (there?.number ?? row.number!);
    const id = there?.id ?? copier.insert(table, { ...placed, number }, BigInt(to));
    update.run({ ...placed, number, id });
    copier.addOwned(parts, old, id);
    cells.set(old, id);
  }
  return cells;
}

function byNumber(a: Row, b: Row): number {
  return Number(a.number) - Number(b.number);
}

interface Joined {
  readonly from: number;
  readonly to: number;
  readonly names: HostNames;
  /** Whether the joined sweep begins with this part, whose spec it then has. */
  readonly isFirst: boolean;
}

/**
 * Takes over a table's rows into a joined sweep. The trouble of a host's last start is replaced.
 */
export function joinParts(
  { input, output, copier }: Merge,
  table: OwnedTable,
  { from, to, names, isFirst }: Joined,
): void {
  if (table.name === 'expectation') {
    joinExpectations(input, output, from, to);
    return;
  }
  // The options belong to the spec, so those of two parts must not be mixed.
  if (table.name === 'sweep_option' && !isFirst) return;
  if (table.name === 'host_trouble') {
    const forget = output.prepare('DELETE FROM host_trouble WHERE sweep_id = ? AND name = ?');
    for (const { hostName, machine } of placesOf(input, from)) {
      forget.run(to, names.of(hostName, machine));
    }
  }
  copier.addOwned([table], BigInt(from), BigInt(to));
}

/** A joined sweep expects what any of its parts expects, each once. */
function joinExpectations(input: Db, output: Db, from: number, to: number): void {
  const add = output.prepare<{ to: number; text: string }>(
    `INSERT INTO expectation SELECT @to, coalesce(max(position), 0) + 1, @text
     FROM expectation WHERE sweep_id = @to
     HAVING NOT coalesce(max(text = @text), 0)`,
  );
  const texts = input
    .prepare<[number], string>('SELECT text FROM expectation WHERE sweep_id = ? ORDER BY position')
    .pluck();
  for (const text of texts.all(from)) add.run({ to, text });
}

/** Brings the row of a joined sweep up to date with its cells, its runs and one of its parts. */
export function settleJoined({ input, output }: Merge, from: number, to: number): void {
  const part = input.prepare<[number], Row>('SELECT * FROM sweep WHERE id = ?').get(from)!;
  output
    .prepare<[Row]>(
      `UPDATE sweep SET shard = NULL, shards = NULL,
         started_at = min(started_at, @started_at),
         ended_at = nullif(max(coalesce(ended_at, ''), coalesce(@ended_at, '')), ''),
         active_ms = max(active_ms, @active_ms),
         trials_min = max(trials_min, @trials_min), trials_max = max(trials_max, @trials_max)
       WHERE id = @to`,
    )
    .run({ ...part, to });
  // Trials made beyond the minimum have become part of the plan.
  output
    .prepare<{ to: number }>(
      `UPDATE sweep SET planned_runs =
         (SELECT count(*) FROM cell WHERE sweep_id = sweep.id AND asked = 1)
           * (1 + controls) * (warmup + trials_min)
         + (SELECT count(*) FROM (SELECT DISTINCT cell_id, trial, traced
             FROM run JOIN cell ON cell.id = cell_id
             WHERE sweep_id = sweep.id AND asked = 1 AND run.state <> 'interrupted'
               AND trial > sweep.warmup + trials_min AND trial <= sweep.warmup + trials_max))
       WHERE id = @to`,
    )
    .run({ to });
  output
    .prepare<{ to: number }>(
      `UPDATE sweep SET state = iif(planned_runs <=
         (SELECT count(*) FROM (SELECT DISTINCT cell_id, trial, traced
           FROM run JOIN cell ON cell.id = cell_id
           WHERE sweep_id = sweep.id AND asked = 1 AND run.state <> 'interrupted'
             AND trial <= sweep.warmup + trials_max)), 'ended', 'stopped')
       WHERE id = @to`,
    )
    .run({ to });
}
