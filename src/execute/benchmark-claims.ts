import { echoDifferences } from '../benchmark/echoed-settings.ts';
import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import type { Cell } from '../experiment/cell.ts';

export interface BenchmarkClaims {
  readonly samples: readonly Sample[];
  readonly stdout: string;
}

/** The facts about a run that are known without the benchmark's help. */
export interface KnownFacts {
  readonly cell: Cell;
  readonly iterations: number;
  /** The time from just before its start to its end. */
  readonly wallNs: number;
  readonly processors: number;
  /** The highest rate at which memory can be copied; undefined if it was not measured. */
  readonly copyBytesPerS: number | undefined;
}

/** Two clocks do not run equally fast: NTP slews a clock by up to half a thousandth. */
const CLOCK_RATIO = 1.001;
/** CPU time comes in ticks of up to 10 ms for each process. */
const TICK_NS = 20_000_000;

/**
 * Pure function: compares a benchmark's claims about a run with what is known of it.
 * @returns a doubt for each claim that cannot be true
 */
export function checkBenchmarkClaims(
  { samples, stdout }: BenchmarkClaims,
  known: KnownFacts,
): readonly Doubt[] {
  const { cell, iterations, wallNs, processors, copyBytesPerS } = known;
  const doubts: Doubt[] = [];
  const doubt = (code: string, message: string) => doubts.push({ code, message, suspect: true });
  const elapsedNs = sum(samples, ({ elapsedNs }) => elapsedNs);
  if (elapsedNs > wallNs * CLOCK_RATIO) {
    doubt('elapsed-time', `samples of ${seconds(elapsedNs)} in a run of ${seconds(wallNs)}`);
  }
  const cpuNs = sum(samples, (sample) => (sample.userTimeNs ?? 0) + (sample.systemTimeNs ?? 0));
  if (cpuNs > wallNs * processors * CLOCK_RATIO + TICK_NS * samples.length) {
    doubt('cpu-time', `${seconds(cpuNs)} of CPU time in a run of ${seconds(wallNs)}`);
  }
  const fastest = Math.max(0, ...samples.map(({ bandwidthBytesPerS }) => bandwidthBytesPerS));
  if (copyBytesPerS !== undefined && fastest > copyBytesPerS) {
    doubt(
      'bandwidth',
      `the benchmark claims ${mebibytes(fastest)}, but memory here is copied at ${mebibytes(copyBytesPerS)} at most`,
    );
  }
  for (const { key, said, asked } of echoDifferences(stdout, cell, iterations)) {
    doubt('configuration', `the benchmark says ${key} ${said}, but was asked for ${asked}`);
  }
  return doubts;
}

function sum(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + value(sample), 0);
}

function seconds(ns: number): string {
  return `${(ns / 1e9).toPrecision(4)} s`;
}

function mebibytes(bytesPerS: number): string {
  return `${(bytesPerS / 2 ** 20).toPrecision(4)} MiB/s`;
}
