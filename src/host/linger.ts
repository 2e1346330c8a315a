import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './groups.ts';

const LOOK_MS = 5;

/** Processes of a command that were still there when it had ended itself. */
export interface Left {
  /** Seen when the command itself had ended. */
  readonly seen: boolean;
  /** Killed because they did not end in time. */
  readonly killed: boolean;
}

/**
 * Lets what a command has left behind in its group end by itself for a while: what it still does
 * belongs to the run. Then it is killed.
 */
export async function lingerThenKill(pid: number | undefined, lingerMs: number): Promise<Left> {
  const seen = isThere(pid);
  const deadline = performance.now() + lingerMs;
  while (isThere(pid) && performance.now() < deadline) await sleep(LOOK_MS);
  const killed = isThere(pid);
  killGroup(pid, 'SIGKILL');
  return { seen, killed };
}

function isThere(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !existsSync('/proc/self/stat') || livingMembers(pid);
}

/** Linux: one that has ended may stay for ever where nobody waits for orphans. */
function livingMembers(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, , its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(its) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}
