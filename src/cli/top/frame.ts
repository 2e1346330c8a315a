import { formatSeconds } from '../../experiment/durations.ts';
import { formatSize } from '../../experiment/sizes.ts';
import { channel } from '../../report/value-text.ts';
import type { HostProgress } from '../../store/host-progress.ts';
import type { LiveRun } from '../../store/live.ts';
import { bar } from '../bar.ts';
import { hostLines } from '../host-lines.ts';
import { alignColumns } from '../print-table.ts';
import type { Screen } from '../terminal.ts';
import { cut, textWidth } from '../text-width.ts';
import { cellLines } from './cell-lines.ts';
import { speedOf } from './speed.ts';
import type { WatchedSweep } from './watched-sweep.ts';

export interface Viewport extends Screen {
  /** The number of lines; infinite if the output scrolls. */
  readonly height: number;
}

const RECENT_RUNS = 5;

/**
 * The view of a sweep, no wider and no higher than the screen. @param note the last line, if any
 */
export function frame(
  watched: WatchedSweep,
  screen: Viewport,
  nowMs: number,
  note = '',
): readonly string[] {
  const head = [
    ...headLines(watched, screen, nowMs),
    ...urgentHostLines(watched, screen),
    '',
    ...recentLines(watched, screen),
  ];
  const foot = note === '' ? [] : [cut(note, screen.width)];
  const room = screen.height - head.length - foot.length - 1;
  const cells = room >= 2 ? ['', ...cellLines(watched, screen, room)] : [];
  const lines = [...head, ...cells];
  return [...lines.slice(0, Math.max(0, screen.height - foot.length)), ...foot];
}

function headLines(watched: WatchedSweep, screen: Viewport, nowMs: number): readonly string[] {
  const { sweep, done, states } = watched;
  const { width, unicode, style } = screen;
  const running = sweep.state === 'running';
  const planned = Math.max(sweep.planned_runs, done);
  const name = cut(`sweep ${sweep.name}-${sweep.id}`, width);
  const rest = `: ${sweep.state}, ${sweep.tracer}, started ${clock(sweep.started_at)}`;
  const { runsPerSecond, secondsLeft, secondsSince } = speedOf(watched, nowMs);
  const share = planned > 0 ? done / planned : 0;
  const columns = Math.max(1, Math.min(40, width - 30));
  const drawn = bar(share, columns, unicode);
  const track = drawn + (unicode ? '░' : '.').repeat(columns - drawn.length);
  const figures = [
    ...(runsPerSecond !== undefined && running ? [`${runsPerSecond.toFixed(1)} runs/s`] : []),
    ...(secondsLeft !== undefined && running
      ? [`${sweep.relative_ci === null ? '' : 'at least '}${formatSeconds(secondsLeft)} left`]
      : []),
    ...(secondsSince !== undefined && running
      ? [`last run ended ${formatSeconds(secondsSince)} ago`]
      : []),
  ].join(', ');
  const bad = [...states].filter(([state]) => state !== 'completed');
  const count = bad.reduce((sum, [, runs]) => sum + runs, 0);
  const kinds = bad.map(([state, runs]) => `${runs} ${state}`).join(', ');
  return [
    style('bold', name) + cut(rest, width - textWidth(name), ''),
    cut(`${track} ${Math.floor(100 * share)}%  ${done}/${sweep.planned_runs} runs`, width, ''),
    ...(figures === '' ? [] : [cut(figures, width)]),
    count === 0
      ? cut('all runs good so far', width)
      : style('yellow', cut(`not good: ${count} (${kinds})`, width)),
  ];
}

/** At most a third of the screen: hosts with trouble first, then those with the most left to do. */
function urgentHostLines({ hosts, sweep }: WatchedSweep, screen: Viewport): readonly string[] {
  const most = Math.max(2, Math.floor(screen.height / 3) - 2);
  const left = ({ planned, done }: HostProgress) => planned - done;
  const urgent = hosts.toSorted(
    (a, b) => Number(Boolean(b.trouble)) - Number(Boolean(a.trouble)) || left(b) - left(a),
  );
  const shown = new Set(hosts.length > most ? urgent.slice(0, most) : hosts);
  const [header, ...lines] = hostLines(
    hosts.filter((host) => shown.has(host)),
    sweep,
    screen.width,
  );
  if (header === undefined) return [];
  const more = hosts.length - shown.size;
  return [
    '',
    screen.style('bold', header),
    ...lines,
    ...(more > 0
      ? [cut(`and ${more} more hosts: \`ipc-sweep status\` lists them`, screen.width)]
      : []),
  ];
}

/** The last runs, the newest first. */
function recentLines({ recent, cells, hosts }: WatchedSweep, screen: Viewport): readonly string[] {
  const rows = recent.slice(-RECENT_RUNS).reverse();
  if (rows.length === 0) return [cut('no run has ended yet', screen.width)];
  const several = hosts.length > 1;
  const cellOf = (run: LiveRun) => cells.find(({ cell }) => cell.cell === run.cell)?.cell;
  const [header = '', ...lines] = alignColumns(
    ['last runs', ...(several ? ['host'] : []), 'channel', 'buffer', 'total', 'trial', 'took', ''],
    rows.map((run) => {
      const cell = cellOf(run);
      return [
        run.state,
        ...(several ? [run.host] : []),
        cell ? channel(cell) : '',
        cell ? formatSize(cell.buffer_bytes) : '',
        cell ? formatSize(cell.total_bytes) : '',
        `${run.trial}${run.warmup === 1 ? ' (warm-up)' : ''}`,
        formatSeconds(run.wall_ns / 1e9),
        run.reason ?? (run.traced === 1 ? '' : 'untraced').replace(/\s+/g, ' '),
      ];
    }),
    [
      'left',
      ...(several ? ['left' as const] : []),
      'left',
      'right',
      'right',
      'right',
      'right',
      'left',
    ],
  );
  return [
    screen.style('bold', cut(header, screen.width)),
    ...lines.map((line, at) => {
      const shown = cut(line, screen.width, screen.unicode ? '…' : '~');
      return rows[at]?.state === 'completed' ? shown : screen.style('yellow', shown);
    }),
  ];
}

/** The time of day in UTC, from a time as stored in the database. */
function clock(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
