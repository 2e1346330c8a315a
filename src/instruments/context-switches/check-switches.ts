import type { Sample } from '../benchmark/output.ts';
import type { Doubt } from '../doubt.ts';
import type { RunCounts } from './counts.ts';

/**
 * On FreeBSD a thread yields in the middle of a long copy. getrusage(2) counts this as voluntary,
 * and no probe sees it. It happens at most once in about 0.19 s, with two threads at work at a
 * time.
 */
const YIELDS_PER_S = 2 / 0.15;

/**
 * Compares the traced context switches with those that the benchmark reports (`-g`). The tracer
 * counts from the exec to the last switch of every thread, and `-g` from before a sample to after
 * it, so a run cannot have fewer switches than its samples.
 * @param platform as `process.platform` names it
 */
export function checkSwitches(
  counts: Pick<RunCounts, 'contextSwitches'>,
  samples: readonly Sample[],
  { wallNs, platform }: { readonly wallNs: number; readonly platform: string },
): readonly Doubt[] {
  const reported = samples.map(
    ({ voluntarySwitches, involuntarySwitches }) =>
      (voluntarySwitches ?? 0) + (involuntarySwitches ?? 0),
  );
  const said = reported.reduce((sum, switches) => sum + switches, 0);
  const traced = counts.contextSwitches.reduce((sum, { count }) => sum + count, 0);
  const unseen = platform === 'freebsd' ? Math.ceil((wallNs / 1e9) * YIELDS_PER_S) + 2 : 0;
  if (traced + unseen >= said) return [];
  const message = `${traced} context switches, but the benchmark's own count of its samples is ${said}`;
  return [{ code: 'context-switches', message, suspect: true }];
}
