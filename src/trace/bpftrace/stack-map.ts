import { PROFILE } from '../../instruments/profile/instrument.ts';
import { foldedStack } from '../../instruments/profile/stack-text.ts';
import type { TraceEvent } from '../session/events.ts';
import { processOf } from './process-number.ts';

/** The maps in which bpftrace's program counts kernel stacks, and samples of user code. */
export const STACKS = `@${PROFILE.name}`;
export const USER_SAMPLES = `${STACKS}_user`;

/**
 * Reads a map of kernel stacks, whose keys are `process,stack`; a stack has several lines. Stacks
 * that differ only in places within functions become one here, because the totals of several prints
 * are compared and not added. The line is read as text, because two of its keys may be equal: those
 * of stacks that could not be stored, for different reasons.
 * @param line JSON with this map and no other
 * @returns undefined if a key is none
 */
export function readStackMap(line: string): readonly TraceEvent[] | undefined {
  const counts = new Map<string, { number: number; stack: string; count: number }>();
  for (const [, quoted = '', digits] of line.matchAll(/("(?:[^"\\]|\\.)*"): (\d{1,16})(?=[,}])/g)) {
    const key: string = JSON.parse(quoted);
    const [, process, text = ''] = /^(\d{1,16}),(.*)$/s.exec(key) ?? [];
    const number = Number(process);
    const frames = text.split('\n').filter((frame) => frame.trim() !== '');
    const stack = foldedStack('kernel', frames);
    if (stack === undefined || !Number.isSafeInteger(number)) return undefined;
    const known = counts.get(`${number} ${stack}`) ?? { number, stack, count: 0 };
    counts.set(`${number} ${stack}`, known);
    known.count = Math.min(known.count + Number(digits), Number.MAX_SAFE_INTEGER);
  }
  return Array.from(counts.values(), ({ number, stack, count }) => ({
    ...{ kind: 'count' as const, ...processOf(number) },
    ...{ table: PROFILE.name, keys: [stack], count },
  }));
}

/** @param kind 1: the program's own code, 0: that of libraries */
export function userSamples(
  process: { readonly pid: number; readonly image?: number },
  kind: number,
  count: number,
): TraceEvent | undefined {
  if (kind !== 0 && kind !== 1) return undefined;
  const stack = foldedStack(kind === 1 ? 'program' : 'libraries', [])!;
  return { kind: 'count', ...process, table: PROFILE.name, keys: [stack], count };
}
