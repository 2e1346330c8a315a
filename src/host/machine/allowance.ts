import { readNumber, type Sources } from './sources.ts';

/** What the kernel lets ipc-sweep, and what it starts, have of this machine. */
export interface Allowance {
  /** Processors, as the kernel lists them: `0-3,8`. Undefined where it does not tell. */
  readonly processors: string | undefined;
  /** Whether the benchmark can bind itself to processor 0; undefined where the machine does not tell. */
  readonly processor0: boolean | undefined;
  /** Time of so many processors, by the tightest quota; undefined without one. */
  readonly quotaProcessors: number | undefined;
  /** The files that count the periods in which a quota has stopped something; none without a quota. */
  readonly throttleFiles: readonly string[];
  /** Undefined without a limit. */
  readonly memoryBytes: number | undefined;
}

const CGROUPS = '/sys/fs/cgroup';
/** An agent reads a few files beside a run. */
const MOST_GROUPS = 8;

/** Reads a few small files of the kernel's on Linux; elsewhere nothing is known. */
export async function allowanceOf(sources: Sources): Promise<Allowance> {
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
 * Pure: periods in which a quota has stopped something so far; undefined without a quota.
 * @param texts of the files that count them
 */
export function throttledPeriods(texts: readonly (string | undefined)[]): number | undefined {
  const counts = texts.flatMap((text) => {
    const count = /^nr_throttled (\d{1,15})$/m.exec(text ?? '')?.[1];
    return count === undefined ? [] : [Number(count)];
  });
  return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

/** Whether a list of processors, sorted as kernels print it, begins with processor 0. */
export function beginsWithFirst(list: string): boolean {
  return /^0(?!\d)/.test(list);
}

/**
 * A process may leave the processors that it was given by taskset(1), but not those of its cpuset.
 * Where the cpuset cannot be read, only what was given is known to be allowed.
 */
async function canUseFirst(sources: Sources, listed: string): Promise<boolean> {
  if (beginsWithFirst(listed)) return true;
  for (const folder of await groupFolders(sources, 'cpuset')) {
    const list =
      (await sources.readText(`${folder}/cpuset.cpus.effective`)) ??
      (await sources.readText(`${folder}/cpuset.effective_cpus`));
    if (list !== undefined) return beginsWithFirst(list);
  }
  return false;
}

/** The control groups that this process is in, the innermost first: a limit of each holds for it. */
async function groupFolders(sources: Sources, controller: string): Promise<readonly string[]> {
  const lines = ((await sources.readText('/proc/self/cgroup')) ?? '').split('\n');
  const found = lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === '') return [];
    // Version 2 has one tree for all controllers, beside or instead of those of version 1.
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

/** `/a/b`, `/a`, and the root. In a container the path may be one that only its host sees. */
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

async function quotaIn(sources: Sources, folder: string): Promise<number | undefined> {
  const [, quota, period] =
    /^(\d{1,15}) (\d{1,15})$/.exec((await sources.readText(`${folder}/cpu.max`)) ?? '') ?? [];
  const allowed = quota ?? (await readNumber(sources, `${folder}/cpu.cfs_quota_us`));
  const each = period ?? (await readNumber(sources, `${folder}/cpu.cfs_period_us`));
  const processors = Number(allowed) / Number(each);
  // -1 is no quota.
  return processors > 0 && Number.isFinite(processors) ? processors : undefined;
}

function least(values: readonly number[]): number | undefined {
  return values.length > 0 ? Math.min(...values) : undefined;
}
