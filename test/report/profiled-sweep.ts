import type { Db } from '../../src/store/open.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';

/** Stacks as bpftrace found them on Linux 6.18 while two processes wrote and read a pipe. */
const ENTRY = 'entry_SYSCALL_64_after_hwframe;do_syscall_64';
const WRITE = `${ENTRY};ksys_write;vfs_write;anon_pipe_write`;
const READ = `${ENTRY};ksys_read;vfs_read;anon_pipe_read`;
export const STACKS = {
  sender: {
    [`${WRITE};copy_page_from_iter;_copy_from_iter`]: 40,
    [`${WRITE};alloc_pages_noprof;alloc_pages_mpol;__alloc_frozen_pages_noprof`]: 25,
    [`${WRITE};_raw_spin_unlock_irqrestore`]: 20,
    [WRITE]: 5,
    '[user code];[libraries]': 7,
    '[user code];[program]': 3,
  },
  receiver: {
    [`${READ};copy_page_to_iter;_copy_to_iter`]: 60,
    [`${READ};schedule;__schedule;finish_task_switch.isra.0`]: 30,
    '[user code];[libraries]': 9,
    '[no stack]': 1,
  },
} as const;

interface Profiled {
  readonly name?: string;
  readonly trials?: number;
  readonly cells?: readonly (typeof CELL)[];
  /** How often a stack is found, of what is usual. */
  readonly factor?: (stack: string) => number;
}

/** Stores a sweep whose traced runs have the same profile each. @returns its id */
export function profiledSweep(
  db: Db,
  { name = 'profiled', trials = 3, cells = [CELL], factor = () => 1 }: Profiled = {},
): number {
  const { id, store } = exampleSweep(db, { name, cells, expectations: [] });
  const rows = Object.entries(STACKS).flatMap(([role, stacks]) =>
    Object.entries(stacks).map(([stack, count]) => ({
      role: role as keyof typeof STACKS,
      stack,
      count: Math.round(count * factor(stack)),
    })),
  );
  for (let trial = 1; trial <= trials; trial++) {
    for (const [cellIndex, cell] of cells.entries()) {
      const result = exampleResult(trial);
      store({
        ...result,
        doubts: [],
        planned: { ...result.planned, cell, cellIndex },
        counts: { ...result.counts!, profile: rows },
      });
    }
  }
  return id;
}
