import { setTimeout as sleep } from 'node:timers/promises';
import type { Doubt } from '../../doubt.ts';
import type { Tally } from './tally.ts';

/** This is longer than a tracer takes between two snapshots (100 Hz). */
const SNAPSHOT_MS = 15;
/** How often, and how many times, to check if what a root has left behind is still there. */
const LOOK_MS = 20;
const LOOKS = 100;

/** The way in which a tracer reports the end of a run; see SessionOptions. */
export interface EndProtocol {
  readonly printsExits?: boolean;
  readonly ask?: (rootPid: number) => void;
  readonly isThere?: (pid: number) => Promise<boolean>;
  /** Returns how often the root's end marker has come. */
  readonly answers: () => number;
}

export type RunEnd =
  /** The counts have come; the living processes' further activity is not in them. */
  { readonly state: 'ended'; readonly living: readonly number[] } | { readonly state: 'missing' };

/**
 * Waits until the counts of a run are complete. They are when all its processes have ended, which
 * may be later than its root.
 * @param until waits for a condition, for a limited time, and tells whether it was met
 */
export async function untilRunEnds(
  tally: Tally,
  rootPid: number,
  until: (condition: () => boolean) => Promise<boolean>,
  { printsExits, ask, isThere, answers }: EndProtocol,
): Promise<RunEnd> {
  if (printsExits) {
    await until(() => tally.livingOf(rootPid).length === 0);
    const living = tally.livingOf(rootPid);
    return living.includes(rootPid) ? { state: 'missing' } : { state: 'ended', living };
  }
  if (!ask) return (await until(() => answers() >= 1)) ? ENDED : { state: 'missing' };
  const answered = async () => {
    const before = answers();
    ask(rootPid);
    return until(() => answers() > before);
  };
  const asked = async () => {
    if (!(await answered())) return false;
    await sleep(SNAPSHOT_MS);
    return answered();
  };
  if (!(await asked())) return { state: 'missing' };
  const living = async () => {
    const pids = tally.descendantsOf(rootPid);
    const there = await Promise.all(pids.map((pid) => isThere?.(pid) ?? false));
    return pids.filter((_, at) => there[at]);
  };
  let left = await living();
  if (left.length === 0) return ENDED;
  for (let look = 0; look < LOOKS && left.length > 0; look++) {
    await sleep(LOOK_MS);
    left = await living();
  }
  if (left.length > 0) return { state: 'ended', living: left };
  return (await asked()) ? ENDED : { state: 'missing' };
}

const ENDED: RunEnd = { state: 'ended', living: [] };

/** Describes what is missing from a run when some of its processes go on. */
export function leftBehind(pids: readonly number[]): Doubt | undefined {
  if (pids.length === 0) return undefined;
  const which =
    pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.slice(0, 10).join(', ')}`;
  return {
    code: 'left-behind',
    message: `${which} of the benchmark went on after it had ended: what it did then is not in the counts`,
    suspect: true,
  };
}
