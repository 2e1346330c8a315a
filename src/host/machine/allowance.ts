import { type FactSources, readNumber } from './sources.ts';

/** The share of this machine that the kernel allows ipc-sweep and what it starts to use. */
export interface Allowance {
  /** Processors, as the kernel lists them: `0-3,8`; undefined if the kernel does not tell. */
  readonly processors: string | undefined;
  /** Whether the benchmark can bind itself to processor 0; undefined if that is not known. */
  readonly processor0: boolean | undefined;
  /** The number of processors whose time the tightest quota allows; undefined without a quota. */
  readonly quotaProcessors: number | undefined;
  /** The files that count the periods in which a quota stopped something; empty without a quota. */
  readonly throttleFiles: readonly string[];
  /** The memory limit; undefined without one. */
  readonly memoryBytes: number | undefined;
}

const CGROUPS = '/sys/fs/cgroup';
/** The agent can read only a few files before and after a run. */
const MOST_GROUPS = 8;

/** Reads a few small kernel files on Linux; on other systems nothing is known. */
export async function allowanceOf(sources: FactSources): Promise<Allowance> {
  const status = (await sources.readText('/proc/self/status')) ?? '';
  const listed = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1];
  const quotas: { readonly folder: string; readonly processors: number }[] = [];
  for (const folder of await groupFolders(sources, 'cpu')) {
    const processors = await quotaIn(sources, folder);
    if (processors !== undefined) quotas.push({ folder, processors });
  }
  const limits: number[] = [];
  for (const folder of await groupFolders(sources, 'memory')) {
    const limit =
      (await readNumber(sources, `${folder}/memory.max`)) ??
      (await readNumber(sources, `${folder}/memory.limit_in_bytes`));
    if (limit !== undefined) limits.push(limit);
  }
  return {
    processors: listed,
    processor0: listed === undefined ? undefined : await canUseFirst(sources, listed),
    quotaProcessors: least(quotas.map(({ processors }) => processors)),
    throttleFiles: quotas.map(({ folder }) => `${folder}/cpu.stat`).slice(0, MOST_GROUPS),
    memoryBytes: least(limits),
  };
}

/**
 * Pure function: counts the periods in which a quota has stopped something so far; undefined
 * without a quota.
 * @param texts of the files that count them
 */
export function throttledPeriods(texts: readonly (string | undefined)[]): number | undefined {
  const counts = texts.flatMap((text) => {
    const count = /^nr_throttled (\d{1,15})$/m.exec(text ?? '')?.[1];
    return count === undefined ? [] : [Number(count)];
  });
  return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

/** Tells whether a list of processors, sorted as kernels print it, begins with processor 0. */
export function beginsWithFirst(list: string): boolean {
  return /^0(?!\d)/.test(list);
}

/**
 * A process may leave the processors that taskset(1) gave it, but not those of its cpuset. If the
 * cpuset cannot be read, only the given processors are known to be allowed.
 */
async function canUseFirst(sources: FactSources, listed: string): Promise<boolean> {
  if (beginsWithFirst(listed)) return true;
  for (const folder of await groupFolders(sources, 'cpuset')) {
    const list =
      (await sources.readText(`${folder}/cpuset.cpus.effective`)) ??
      (await sources.readText(`${folder}/cpuset.effective_cpus`));
    if (list !== undefined) return beginsWithFirst(list);
  }
  return false;
}

/**
 * Lists the control groups of this process, the innermost first: all of their limits apply to it.
 */
async function groupFolders(sources: FactSources, controller: string): Promise<readonly string[]> {
  const lines = ((await sources.readText('/proc/self/cgroup')) ?? '').split('\n');
  const found = lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === '') return [];
    // Version 2 has one tree for all controllers, next to those of version 1 or instead of them.
    const trees =
      controllers === ''
        ? [CGROUPS, `${CGROUPS}/unified`]
        : controllers.split(',').includes(controller)
          ? [`${CGROUPS}/${controller}`, `${CGROUPS}/${controllers}`]
          : [];
    return trees.flatMap((tree) => ancestors(path).map((group) => tree + group));
  });
  return [...new Set(found)];
}

/** Returns `/a/b`, `/a` and the root. In a container, the path may be visible only to the host. */
function ancestors(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('..')) return [''];
  return [...parts.keys(), parts.length].reverse().map((count) =>
    parts
      .slice(0, count)
      .map((part) => `/${part}`)
      .join(''),
  );
}

async function quotaIn(sources: FactSources, folder: string): Promise<number | undefined> {
  const [, quota, period] =
    /^(\d{1,15}) (\d{1,15})$/.exec((await sources.readText(`${folder}/cpu.max`)) ?? '') ?? [];
  const allowed = quota ?? (await readNumber(sources, `${folder}/cpu.cfs_quota_us`));
  const each = period ?? (await readNumber(sources, `${folder}/cpu.cfs_period_us`));
  const processors = Number(allowed) / Number(each);
  // A value of -1 means no quota.
  return processors > 0 && Number.isFinite(processors) ? processors : undefined;
}

function least(values: readonly number[]): number | undefined {
  return values.length > 0 ? Math.min(...values) : undefined;
}
