import { quotedByCell } from '../analyse/bandwidths.ts';
import { cellWarnings } from '../analyse/cell-warnings.ts';
import { standardError } from '../analyse/compare.ts';
import { isNote } from '../analyse/doubts.ts';
import { factText } from '../analyse/environment-differences.ts';
import type { HistoryPoint, HistorySweep, MeasuredSeries } from '../analyse/history.ts';
import { medianInterval } from '../analyse/median-interval.ts';
import { median } from '../analyse/statistics.ts';
import { UserError } from '../errors.ts';
import { cellKey } from '../experiment/cell.ts';
import { cellBandwidths, type Selection } from '../store/cell-data.ts';
import { doubtCodesByCell } from '../store/doubt-rows.ts';
import { environmentFacts, lastEnvironments } from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { isTracedSweep, provenanceOf } from '../store/provenance.ts';
import {
  axisOf,
  type CellRow,
  cellOf,
  cellsOf,
  listSweeps,
  type SweepRow,
} from '../store/reader.ts';
import { machinesOf } from '../store/sweep-hosts.ts';
import { ofOneProgram, reading } from './comparison-side.ts';
import { withCorrectedState } from './corrected-state.ts';
import { countAndNoun } from './count-and-noun.ts';
import type { Selector } from './selector.ts';

/** The fact that sweeps are grouped by. */
const GROUP_KEYS = {
  kernel: 'os_release',
  commit: 'git_commit',
  benchmark: 'benchmark_sha256',
} as const;

/**
 * The order of the sweeps of a series. Sweeps of the same kernel, commit or benchmark are ordered
 * by time.
 */
export type HistoryOrder = 'time' | keyof typeof GROUP_KEYS;

/** The sweeps of one experiment, and what each has found. */
export interface LoadedHistory {
  readonly name: string;
  readonly series: readonly MeasuredSeries[];
  /** Oldest first. */
  readonly sweeps: readonly HistorySweep[];
  /** Sweeps of that name that are not looked at, each with the reason. */
  readonly leftOut: readonly { readonly sweep: HistorySweep; readonly why: string }[];
  /** Warnings to read before the history is believed. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface HistoryRequest {
  readonly selector: Selector;
  readonly by: HistoryOrder;
  readonly selection: Selection;
}

/**
 * Reads the sweeps of an experiment from one database or several.
 * @throws UserError when there are none, or a database cannot be read
 */
export function loadHistory(files: readonly string[], request: HistoryRequest): LoadedHistory {
  const { selector, by } = request;
  const name = selector.sweep ?? '';
  const found = files.map((file) => ({ file, ...readFile(file, name, request) }));
  const read = found.flatMap(({ sweeps }) => sweeps).sort(byTime);
  if (read.length === 0) {
    throw noSuchName(name, files, [...new Set(found.flatMap(({ names }) => names))]);
  }
  const seen = new Map<string, HistorySweep>();
  const judged = read.map((each) => {
    const earlier = seen.get(each.key);
    if (!earlier) seen.set(each.key, each.sweep);
    const why = each.why ?? (earlier && `it is the same as ${sweepName(earlier, files)}`);
    return { ...each, why };
  });
  const used = judged.filter(({ why }) => why === undefined);
  const series = seriesOf(used, by);
  if (used.length > 0 && series.length === 0) throw noCell(name, selector);
  const without = files.length === 1 ? [] : found.filter(({ sweeps }) => sweeps.length === 0);
  return {
    name,
    series,
    sweeps: used.map(({ sweep }) => sweep),
    leftOut: judged.flatMap(({ sweep, why }) => (why === undefined ? [] : [{ sweep, why }])),
    warnings: [
      ...without.map(({ file }) => ({
        code: 'without-sweeps',
        message: `${file} holds no sweep of ${name}`,
      })),
      ...warningsOf(used),
    ],
  };
}

/** Names a sweep: `lab-3`, and also its database if there are several. */
export function sweepName({ name, id, file }: HistorySweep, files: readonly string[]): string {
  return files.length === 1 ? `${name}-${id}` : `${name}-${id} of ${file}`;
}

interface ReadSweep {
  readonly sweep: HistorySweep;
  readonly state: SweepRow['state'];
  readonly untraced: boolean;
  /** The same for copies of a sweep, wherever they are stored. */
  readonly key: string;
  /** The reason why it is not looked at. */
  readonly why: string | undefined;
  readonly cells: readonly MeasuredCell[];
}

interface MeasuredCell {
  /** The same for all points of a series. */
  readonly key: string;
  readonly cell: CellRow;
  readonly machine: string;
  readonly measured: string;
  readonly point: HistoryPoint;
}

function readFile(
  file: string,
  name: string,
  request: HistoryRequest,
): { readonly sweeps: readonly ReadSweep[]; readonly names: readonly string[] } {
  return reading(file, (db) => {
    const all = withCorrectedState(file, listSweeps(db));
    const own = all.filter((sweep) => sweep.name === name);
    return {
      sweeps: own.map((sweep) => readSweep(db, file, sweep, request)),
      names: all.map((sweep) => sweep.name),
    };
  });
}

function readSweep(
  db: Db,
  file: string,
  row: SweepRow,
  { selector, selection }: HistoryRequest,
): ReadSweep {
  const { id, name, started_at: startedAt, state } = row;
  const { identity } = provenanceOf(db, id);
  const sweep = { file, id, name, startedAt, identity };
  const why = unusable(row);
  const untraced = row.controls === 1 || !isTracedSweep(db, row);
  const cells =
    why === undefined
      ? cellsOf(db, id).filter((cell) =>
          [...selector.cells].every(([axis, value]) => axisOf(cell, axis) === value),
        )
      : [];
  return {
    ...{ sweep, state, untraced, why },
    key: JSON.stringify([identity, startedAt, machinesOf(db, id)]),
    cells: measuredCells(db, row, sweep, cells, { untraced, selection }),
  };
}

function unusable({ state, started_at: startedAt }: SweepRow): string | undefined {
  if (state === 'running') return 'it is running';
  return Number.isNaN(Date.parse(startedAt)) ? 'its time is not known' : undefined;
}

function measuredCells(
  db: Db,
  row: SweepRow,
  sweep: HistorySweep,
  cells: readonly CellRow[],
  { untraced, selection }: { readonly untraced: boolean; readonly selection: Selection },
): readonly MeasuredCell[] {
  if (cells.length === 0) return [];
  const runs = quotedByCell(cellBandwidths(db, row.id, selection), row);
  const doubts = doubtCodesByCell(db, row.id, selection);
  const environments = lastEnvironments(db, row.id);
  // A cell of an older database may not know its host; of a single host it is clear.
  const only = environments.size === 1 ? [...environments.keys()][0] : undefined;
  const hostOf = ({ host }: CellRow) => (environments.has(host) ? host : (only ?? host));
  const facts = new Map(
    [...environments].map(([host, { id }]) => [host, environmentFacts(db, id)]),
  );
  const measured = howMeasured(row, untraced);
  return cells.flatMap((cell): readonly MeasuredCell[] => {
    const values = (runs.get(cell.cell) ?? [])
      .map(({ bandwidth }) => bandwidth)
      .filter((bandwidth) => bandwidth > 0);
    if (values.length === 0) return [];
    const machine = environments.get(hostOf(cell))?.machine ?? cell.host;
    const interval = medianInterval(values);
    const codes = [
      ...(doubts.get(cell.cell) ?? []).filter((code) => !isNote(code)),
      ...cellWarnings(values, cell.total_bytes).map(({ code }) => code),
      ...(row.state === 'ended' ? [] : ['incomplete']),
    ];
    const point = {
      sweep,
      group: '',
      facts: ofOneProgram(facts.get(hostOf(cell)) ?? new Map(), [cell]),
      runs: values.length,
      median: median(values),
      interval,
      error: interval && standardError(interval),
      doubts: [...new Set(codes)],
    };
    const key = JSON.stringify([cellKey(cellOf(cell)), machine, measured]);
    return [{ key, cell, machine, measured, point }];
  });
}

/** `untraced, bare`: sweeps that measure in different ways are not one series. */
function howMeasured({ tracer, iterations, bare }: SweepRow, untraced: boolean): string {
  return [
    untraced ? 'untraced' : `traced by ${tracer}`,
    ...(bare === 1 ? ['bare'] : []),
    ...(iterations === 1 ? [] : [countAndNoun(iterations, 'iteration')]),
  ].join(', ');
}

/** @param sweeps oldest first */
function seriesOf(sweeps: readonly ReadSweep[], by: HistoryOrder): readonly MeasuredSeries[] {
  const series = new Map<string, { newest: MeasuredCell; points: HistoryPoint[] }>();
  for (const cell of sweeps.flatMap(({ cells }) => cells)) {
    const own = series.get(cell.key) ?? { newest: cell, points: [] };
    own.newest = cell;
    own.points.push(cell.point);
    series.set(cell.key, own);
  }
  return [...series.values()]
    .sort((a, b) => a.newest.cell.cell - b.newest.cell.cell)
    .map(({ newest: { cell, machine, measured }, points }) => ({
      ...{ cell, machine, measured },
      points: ordered(points, by),
    }));
}

/** @param points oldest first */
function ordered(points: readonly HistoryPoint[], by: HistoryOrder): readonly HistoryPoint[] {
  if (by === 'time') return points;
  const key = GROUP_KEYS[by];
  const grouped = points.map((point) => ({ ...point, group: point.facts.get(key) ?? '' }));
  const groups = [...new Set(grouped.map(({ group }) => group))];
  return grouped
    .toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group))
    .map((point) => ({ ...point, group: factText(key, point.group) || 'not known' }));
}

function byTime({ sweep: a }: ReadSweep, { sweep: b }: ReadSweep): number {
  return Date.parse(a.startedAt) - Date.parse(b.startedAt) || a.id - b.id;
}

function warningsOf(sweeps: readonly ReadSweep[]): LoadedHistory['warnings'] {
  const traced = sweeps.filter(({ untraced }) => !untraced).length;
  const incomplete = sweeps.filter(({ state }) => state !== 'ended').length;
  const of = `of ${countAndNoun(sweeps.length, 'sweep')}`;
  return [
    ...(traced === 0
      ? []
      : [
          {
            code: 'traced',
            message: `the bandwidths of ${traced} ${of} were measured under a tracer (trace.controls)`,
          },
        ]),
    ...(incomplete === 0
      ? []
      : [{ code: 'incomplete', message: `${incomplete} ${of} are not complete` }]),
  ];
}

function noSuchName(name: string, files: readonly string[], names: readonly string[]): UserError {
  const whole = names.find((known) => name.startsWith(`${known}-`));
  const where = files.length === 1 ? files[0] : 'none of the databases';
  return new UserError(
    files.length === 1 ? `${where} holds no sweep of ${name}` : `${where} holds a sweep of ${name}`,
    {
      hint:
        whole === undefined
          ? names.length === 0
            ? '`ipc-sweep run SPEC` makes one'
            : `there are sweeps of ${names.slice(0, 10).join(', ')}`
          : `a history is about all sweeps of an experiment: \`ipc-sweep history ${whole}\``,
    },
  );
}

function noCell(name: string, { cells }: Selector): UserError {
  const wanted = [...cells].map(([axis, value]) => `${axis}=${value}`).join(',');
  return new UserError(
    cells.size === 0
      ? `no sweep of ${name} has a good run`
      : `no sweep of ${name} has a good run of a cell with ${wanted}`,
    { hint: '`ipc-sweep status SWEEP` shows how its runs ended' },
  );
}
