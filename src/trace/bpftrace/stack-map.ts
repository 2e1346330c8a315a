import { foldedStack, type SampledIn } from '../../instruments/profile/stack-text.ts';
import type { TraceEvent } from '../session/events.ts';
import { processOf } from './process-number.ts';

/** The numbers that the program prints. */
const SAMPLED_IN: readonly SampledIn[] = ['libraries', 'kernel', 'program'];

/**
 * Reads a map of stacks, whose keys are `process,kind,stack`; a stack has several lines. Stacks that
 * differ only in places within functions become one, which has to be before totals of several
 * prints are compared. The line is read as text, because two keys of it may be equal: those of
 * stacks that could not be stored, for different reasons.
 * @param line a map in JSON, the only one in its line
 * @returns undefined if a key is none
 */
export function readStackMap(line: string, table: string): readonly TraceEvent[] | undefined {
  const counts = new Map<string, { number: number; stack: string; count: number }>();
  for (const [, quoted = '', digits] of line.matchAll(/("(?:[^"\\]|\\.)*"): (\d{1,16})(?=[,}])/g)) {
    const key: string = JSON.parse(quoted);
    const [, process, kind, text = ''] = /^(\d{1,16}),(\d),(.*)$/s.exec(key) ?? [];
    const sampledIn = SAMPLED_IN[Number(kind)];
    if (process === undefined || sampledIn === undefined) return undefined;
    const lines = text.split('\n').filter((frame) => frame.trim() !== '');
    const stack = foldedStack(sampledIn, lines);
    const number = Number(process);
    if (stack === undefined || !Number.isSafeInteger(number)) return undefined;
    const known = counts.get(`${process} ${stack}`) ?? { number, stack, count: 0 };
    counts.set(`${process} ${stack}`, known);
    known.count = Math.min(known.count + Number(digits), Number.MAX_SAFE_INTEGER);
  }
  return Array.from(counts.values(), ({ number, stack, count }) => ({
    ...{ kind: 'count' as const, ...processOf(number) },
    ...{ table, keys: [stack], count },
  }));
}
