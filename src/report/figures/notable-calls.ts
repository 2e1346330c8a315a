import { consecutive } from '../../analyse/consecutive.ts';
import { type SyscallRow, type SyscallSummary, summariseSyscalls } from '../../analyse/counts.ts';
import { greatest } from '../../extremes.ts';
import { OTHER_CALLS } from '../looks.ts';

export interface NotableCalls {
  /** The names in the order of the legend, the most frequent first; `OTHER_CALLS`, if any, is last. */
  readonly names: readonly string[];
  /** Summaries of those names; the other calls of each run are added up first. */
  readonly summaries: readonly SyscallSummary[];
  readonly others: readonly string[];
}

const MOST = 5;

/**
 * The calls whose number varies between cells, the most frequent ones, and all others as one.
 * @param read returns all rows, those of each cell together; it is called twice
 */
export function notableCalls(read: () => Iterable<SyscallRow>): NotableCalls {
  const medians = new Map<string, Map<string, number[]>>();
  for (const { role, syscall, calls } of summariseSyscalls(read())) {
    const roles = medians.get(syscall) ?? new Map<string, number[]>();
    medians.set(syscall, roles.set(role, [...(roles.get(role) ?? []), calls.median]));
  }
  const ranked = [...medians]
    .map(([name, roles]) => {
      const most = greatest([...roles.values()].flat());
      // The number always differs between roles; the interesting case is a role with more calls in
      // some cells.
      const varies = [...roles.values()].some((calls) => new Set(calls).size > 1);
      return { name, most, varies };
    })
    .sort((a, b) => b.most - a.most || (a.name < b.name ? -1 : 1));
  const varying = ranked.filter(({ varies }) => varies);
  const chosen = (varying.length > 0 ? varying : ranked).slice(0, MOST).map(({ name }) => name);
  const others = ranked.map(({ name }) => name).filter((name) => !chosen.includes(name));
  return {
    names: others.length > 0 ? [...chosen, OTHER_CALLS] : chosen,
    summaries: summariseSyscalls(folded(read(), new Set(chosen))),
    others: others.sort(),
  };
}

function* folded(rows: Iterable<SyscallRow>, kept: ReadonlySet<string>): Generator<SyscallRow> {
  for (const own of consecutive(rows, ({ run_id: run }) => run)) {
    const sums = new Map<string, SyscallRow>();
    for (const row of own) {
      const syscall = kept.has(row.syscall) ? row.syscall : OTHER_CALLS;
      const key = `${row.role} ${syscall}`;
      sums.set(key, { ...row, syscall, count: row.count + (sums.get(key)?.count ?? 0) });
    }
    yield* sums.values();
  }
}
