import { consecutive } from '../../analyse/consecutive.ts';
import { type SyscallRow, type SyscallSummary, summariseSyscalls } from '../../analyse/counts.ts';

export interface NotableCalls {
  /** In the order of the legend, the most frequent first; `other` last where there are others. */
  readonly names: readonly string[];
  /** Of those names; the others of each run summed first. */
  readonly summaries: readonly SyscallSummary[];
  readonly others: readonly string[];
}

export const OTHER = 'all others';
const MOST = 5;

/**
 * The calls whose number changes from cell to cell, the most frequent ones, and all others as one.
 * @param read gives all rows, and is asked twice; those of a cell one after the other
 */
export function notableCalls(read: () => Iterable<SyscallRow>): NotableCalls {
  const medians = new Map<string, Map<string, number[]>>();
  for (const { role, syscall, calls } of summariseSyscalls(read())) {
    const roles = medians.get(syscall) ?? new Map<string, number[]>();
    medians.set(syscall, roles.set(role, [...(roles.get(role) ?? []), calls.median]));
  }
  const ranked = [...medians]
    .map(([name, roles]) => {
      const most = Math.max(...[...roles.values()].flat());
      // Between roles it always differs; what matters is a role that calls more in some cells.
      const varies = [...roles.values()].some((calls) => new Set(calls).size > 1);
      return { name, most, varies };
    })
    .sort((a, b) => b.most - a.most || (a.name < b.name ? -1 : 1));
  const varying = ranked.filter(({ varies }) => varies);
  const chosen = (varying.length > 0 ? varying : ranked).slice(0, MOST).map(({ name }) => name);
  const others = ranked.map(({ name }) => name).filter((name) => !chosen.includes(name));
  return {
    names: others.length > 0 ? [...chosen, OTHER] : chosen,
    summaries: summariseSyscalls(folded(read(), new Set(chosen))),
    others: others.sort(),
  };
}

function* folded(rows: Iterable<SyscallRow>, kept: ReadonlySet<string>): Generator<SyscallRow> {
  for (const own of consecutive(rows, ({ run_id: run }) => run)) {
    const sums = new Map<string, SyscallRow>();
    for (const row of own) {
      const syscall = kept.has(row.syscall) ? row.syscall : OTHER;
      const key = `${row.role} ${syscall}`;
      sums.set(key, { ...row, syscall, count: row.count + (sums.get(key)?.count ?? 0) });
    }
    yield* sums.values();
  }
}
