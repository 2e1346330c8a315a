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

/** The calls whose number changes from cell to cell, the most frequent ones, and all others as one. */
export function notableCalls(rows: readonly SyscallRow[]): NotableCalls {
  const medians = new Map<string, Map<string, number[]>>();
  for (const { role, syscall, calls } of summariseSyscalls(rows)) {
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
    summaries: summariseSyscalls(folded(rows, new Set(chosen))),
    others: others.sort(),
  };
}

function folded(rows: readonly SyscallRow[], kept: ReadonlySet<string>): readonly SyscallRow[] {
  const sums = new Map<string, SyscallRow>();
  for (const row of rows) {
    const syscall = kept.has(row.syscall) ? row.syscall : OTHER;
    const key = `${row.run_id} ${row.role} ${syscall}`;
    sums.set(key, { ...row, syscall, count: row.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums.values()];
}
