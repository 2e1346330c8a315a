import { readFileSync } from 'node:fs';
import type { Cell } from '../../src/experiment/cell.ts';
import { readWriteNumbers, systemCallNames } from '../../src/host/kernel/linux-syscalls.ts';
import { bpftraceLines } from '../../src/trace/bpftrace/bpftrace-lines.ts';
import type { RunCounts } from '../../src/trace/counts.ts';
import { dtraceLines } from '../../src/trace/dtrace/dtrace-lines.ts';
import type { LineReader } from '../../src/trace/session/events.ts';
import { Tally } from '../../src/trace/session/tally.ts';

/*
 * What real kernels printed for real benchmarks. The recordings were made with the first scripts,
 * whose records were letters (C, P, T, Z) and whose maps had other names; here they are turned
 * into the records that the programs in src/trace/programs print today. Only words and markers
 * change: every number that is counted is the recorded one.
 */

/** One run of a recorded session. */
export interface RecordedRun {
  readonly pid: number;
  readonly cell: Cell;
  /** Between the markers, in the order in which they came. */
  readonly lines: readonly string[];
  readonly start: string;
  readonly end: string;
}

export interface RecordedSession {
  readonly name: string;
  readonly tracer: 'dtrace' | 'bpftrace';
  readonly osName: 'FreeBSD' | 'Linux';
  /** The lines before the first run. */
  readonly preamble: readonly string[];
  readonly runs: readonly RecordedRun[];
  readonly readLine: LineReader;
  /** Whether transitions were recorded beside the states. */
  readonly transitions: boolean;
}

const MIB = 1024 * 1024;

const MAPS: Readonly<Record<string, string>> = {
  '@calls': '@syscalls',
  '@sizes': '@io_sizes',
  '@states': '@pipe_states',
  '@moves': '@pipe_transitions',
};

function fixture(path: string): string {
  return readFileSync(new URL(`../fixtures/recordings/${path}`, import.meta.url), 'utf8');
}

export function fixtureLines(path: string): readonly string[] {
  return fixture(path).split('\n').slice(0, -1);
}

export function cellOf(bufferBytes: number, totalBytes: number, more: Partial<Cell> = {}): Cell {
  return { ipc: 'pipe', mode: '2proc', bufferBytes, totalBytes, socketBuffers: false, ...more };
}

export const FREEBSD_BUFFERS = [512, 4096, 8192, 16384, 65536, 1048576] as const;
export const BPFTRACE_BUFFERS = [512, 4096, 16384, 65536, 262144] as const;

export const freebsdDtrace: RecordedSession = {
  name: 'FreeBSD 13.2 dtrace',
  tracer: 'dtrace',
  osName: 'FreeBSD',
  ...withExits(
    inRuns(
      fixtureLines('freebsd-13.2/session.txt').flatMap(dtraceRecord),
      FREEBSD_BUFFERS.map((bytes) => cellOf(bytes, MIB)),
    ),
  ),
  readLine: dtraceLines(new Map()),
  transitions: true,
};

export const linuxDtrace: RecordedSession = {
  name: 'Linux dtrace',
  tracer: 'dtrace',
  osName: 'Linux',
  ...inRuns(fixtureLines('linux-dtrace/session.txt').flatMap(dtraceRecord), [
    cellOf(16384, 16 * MIB),
  ]),
  readLine: dtraceLines(systemCallNames('x64')),
  transitions: false,
};

const x64 = readWriteNumbers('x64') ?? { read: -1, write: -1 };

export const readBpftrace = bpftraceLines({
  names: systemCallNames('x64'),
  readNumber: x64.read,
  writeNumber: x64.write,
});

export const linuxBpftrace: RecordedSession = {
  name: 'Linux bpftrace',
  tracer: 'bpftrace',
  osName: 'Linux',
  ...inRuns(
    fixtureLines('linux-bpftrace/session.jsonl').flatMap(bpftraceRecord),
    BPFTRACE_BUFFERS.map((bytes) => cellOf(bytes, MIB)),
  ),
  readLine: readBpftrace,
  transitions: true,
};

export const SESSIONS = [freebsdDtrace, linuxDtrace, linuxBpftrace] as const;

/** The instruments whose counts a recording holds whole. */
export function instrumentsOf(session: RecordedSession) {
  return session.transitions ? (['syscalls', 'pipe-states'] as const) : (['syscalls'] as const);
}

/** Everything a recorded session printed, line by line. */
export function linesOf(session: RecordedSession): readonly string[] {
  return [
    ...session.preamble,
    ...session.runs.flatMap(({ start, lines, end }) => [start, ...lines, end]),
  ];
}

/** The counts in some lines, of one run. */
export function countsIn(
  lines: readonly string[],
  readLine: LineReader,
  pid: number,
  mode: '2proc' | '2thread' = '2proc',
): RunCounts {
  const tally = new Tally();
  for (const line of lines) for (const event of readLine(line)) tally.add(event);
  return tally.countsOf(pid, mode);
}

export function totalOf<Row extends { readonly count: number }>(
  rows: readonly Row[],
  wanted: (row: Row) => boolean = () => true,
): number {
  return rows.filter(wanted).reduce((sum, { count }) => sum + count, 0);
}

/** One record of the first D scripts, as today's programs print it. */
function dtraceRecord(line: string): readonly string[] {
  const [letter, pid, ppid, ...rest] = line.split(' ');
  const operation = (word = '') => word.replace(/^pipe_/, '');
  const [first, ...others] = rest;
  switch (letter) {
    case 'C':
      return [`syscall ${pid} ${ppid} ${rest.join(' ')}`];
    case 'P':
      return [`pipe_state ${pid} ${ppid} ${operation(first)} ${others.join(' ')}`];
    case 'T':
      return [`pipe_transition ${pid} ${ppid} ${operation(first)} ${others.join(' ')}`];
    case 'Z':
      return [`io_size ${pid} ${ppid} ${rest.join(' ')}`];
    case 'start':
      return [`start ${pid}`];
    case 'exit':
      return [];
    default:
      return [line];
  }
}

/** One line of the first bpftrace script. Today's names a run's children, and who of them has ended. */
function bpftraceRecord(line: string): readonly string[] {
  if (line === '') return [];
  const { type, data } = JSON.parse(line);
  // A thread's end marker also names its process.
  const [, root] = /^end (\d+)\n$/.exec(String(data)) ?? [];
  if (root) return [JSON.stringify({ type, data: `end ${root} ${root}\n` })];
  if (type !== 'map') return [line];
  const [name = '', entries] = Object.entries(data)[0] as [string, Record<string, number>];
  const map = (renamed: string, values: unknown) =>
    JSON.stringify({ type: 'map', data: { [renamed]: values } });
  // The root came first.
  const [parent, ...children] = [
    ...new Set(Object.keys(entries).map((key) => Number(key.split(',')[0]))),
  ].sort((a, b) => a - b);
  const family = [
    map('@children', Object.fromEntries(children.map((pid) => [`${pid},${parent}`, 1]))),
    map('@exits', Object.fromEntries(children.map((pid) => [pid, 1]))),
  ];
  return [...(name === '@calls' ? family : []), map(MAPS[name] ?? name, entries)];
}

/**
 * If ticks print, a run ends today with the exits of its processes, printed with their counts, and
 * not with a marker. 372 was the launcher in the recording.
 */
function withExits(
  session: Pick<RecordedSession, 'preamble' | 'runs'>,
): Pick<RecordedSession, 'preamble' | 'runs'> {
  const runs = session.runs.map((run) => {
    const pairs = run.lines.map((line) => line.split(' ').slice(1, 3).join(' '));
    const children = [...new Set(pairs)].filter((pair) => pair.endsWith(` ${run.pid}`));
    const exits = children.map((pair) => `exit ${pair} 1`);
    return { ...run, lines: [...run.lines, ...exits], end: `exit ${run.pid} 372 1` };
  });
  return { ...session, runs };
}

function inRuns(
  lines: readonly string[],
  cells: readonly Cell[],
): Pick<RecordedSession, 'preamble' | 'runs'> {
  const text = (line: string) =>
    line.startsWith('{') ? String(JSON.parse(line).data).trimEnd() : line;
  const begins = lines.flatMap((line, at) => (text(line).startsWith('start ') ? [at] : []));
  const runs = begins.map((begin, index): RecordedRun => {
    const pid = Number(text(lines[begin] ?? '').slice(6));
    const end = lines.findIndex((line) => [`end ${pid}`, `end ${pid} ${pid}`].includes(text(line)));
    return {
      pid,
      cell: cells[Math.min(index, cells.length - 1)]!,
      start: lines[begin]!,
      lines: lines.slice(begin + 1, end),
      end: lines[end]!,
    };
  });
  return { preamble: lines.slice(0, begins[0]), runs };
}
