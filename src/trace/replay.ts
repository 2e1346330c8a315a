import { readWriteNumbers, systemCallNames } from '../host/kernel/linux-syscalls.ts';
import { bpftraceLines } from './bpftrace/bpftrace-lines.ts';
import type { RunCounts } from './counts.ts';
import { dtraceLines } from './dtrace/dtrace-lines.ts';
import type { TraceEvent } from './session/events.ts';
import { Tally } from './session/tally.ts';
import { StraceReader } from './strace/strace-lines.ts';

/** The facts needed to read a run's raw trace again. */
export interface RawRun {
  readonly tracer: string;
  readonly raw: string;
  /** The pid of the run's root. */
  readonly pid: number;
  readonly mode: '2proc' | '2thread';
  /** The architecture of the machine that traced, as Node names it. */
  readonly architecture: string;
  /** The system's own name: Linux, FreeBSD, ... */
  readonly osName: string;
}

/**
 * Pure function: reads a run's own lines again, on whatever machine they were written.
 * @returns undefined for a tracer that this version does not know
 */
export function countsFromRaw(run: RawRun): RunCounts | undefined {
  const tally = new Tally(run.tracer === 'bpftrace' ? 'totals' : 'parts');
  const strace = run.tracer === 'strace' ? new StraceReader() : undefined;
  const readLine = strace ? (line: string) => strace.read(line) : lineReader(run);
  if (!readLine) return undefined;
  for (const line of linesOf(run.raw)) {
    for (const event of readLine(line)) tally.add(event);
  }
  return tally.countsOf(strace?.root ?? run.pid, run.mode);
}

/** Yields one line at a time: a list of millions of empty lines would be larger than the text. */
function* linesOf(text: string): Generator<string> {
  let start = 0;
  for (let end = 0; end !== -1; start = end + 1) {
    end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? undefined : end);
  }
}

function lineReader(run: RawRun): ((line: string) => readonly TraceEvent[]) | undefined {
  const names = systemCallNames(run.osName === 'Linux' ? run.architecture : '');
  if (run.tracer === 'dtrace') return dtraceLines(names);
  const numbers = readWriteNumbers(run.architecture);
  if (run.tracer !== 'bpftrace' || !numbers) return undefined;
  return bpftraceLines({ names, readNumber: numbers.read, writeNumber: numbers.write });
}
