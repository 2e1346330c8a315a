import { formatSeconds } from '../experiment/durations.ts';
import type { TimeEstimate } from '../plan/time-left.ts';

/** `about 2 min 10 s`, or `at least 2 min 10 s` if more runs may turn out to be needed. */
export function estimateText({ seconds, atLeast }: TimeEstimate): string {
  return `${atLeast ? 'at least' : 'about'} ${formatSeconds(seconds)}`;
}
