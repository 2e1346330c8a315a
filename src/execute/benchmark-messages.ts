import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';

const MOST_LINES = 5;
const LONGEST_LINE = 200;

/** Reads what a successful benchmark wrote to standard error, for example that it is not bound. */
export function saidDoubts(stderrTail: string): readonly Doubt[] {
  const lines = stderrTail
    .split('\n')
    .map((line) => line.replace(/[\p{C}\s]+/gu, ' ').trim())
    .filter((line) => line !== '');
  const distinct = [...new Set(lines)];
  const note = (message: string): Doubt => ({ code: 'benchmark-stderr', message, suspect: false });
  return [
    ...distinct
      .slice(0, MOST_LINES)
      .map((line) => note(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line)),
    ...(distinct.length > MOST_LINES ? [note('and further lines')] : []),
  ];
}

/** Recognises the bundled benchmark's message when the kernel does not let it use processor 0. */
export function saysUnbound(stderrTail: string): boolean {
  return /not bound to CPU 0/.test(stderrTail);
}

/** A benchmark may not know `-g`, or may leave out what its system does not report. */
export function rusageDoubts(asked: boolean, samples: readonly Sample[]): readonly Doubt[] {
  const lacks = ({ userTimeNs, systemTimeNs, voluntarySwitches }: Sample) =>
    userTimeNs === undefined && systemTimeNs === undefined && voluntarySwitches === undefined;
  if (!asked || !samples.some(lacks)) return [];
  const message =
    'benchmark.rusage asks for CPU time and context switches, and the benchmark printed none';
  return [{ code: 'rusage-missing', message, suspect: false }];
}
