import { readNumber, readText, type Sources } from './sources.ts';

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

/** Reads a few small files of the kernel's on Linux; elsewhere nothing is known. */
export function allowanceOf(sources: Pick<Sources, 'root'>): Allowance {
  const listed = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(
    readText(sources, '/proc/self/status') ?? '',
  )?.[1];
  const quotas = groupFolders(sources, 'cpu').flatMap((folder) => {
    const processors = quotaIn(sources, folder);
    return processors === undefined ? [] : [{ folder, processors }];
  });
  const limits = groupFolders(sources, 'memory').flatMap(
    (folder) =>
      readNumber(sources, `${folder}/memory.max`) ??
      readNumber(sources, `${folder}/memory.limit_in_bytes`) ??
      [],
  );
  return {
    processors: listed,
    processor0: listed === undefined ? undefined : canUseFirst(sources, listed),
    quotaProcessors: least(quotas.map(({ processors }) => processors)),
    throttleFiles: quotas.map(({ folder }) => `${folder}/cpu.stat`),
    memoryBytes: least(limits),
  };
}

/** Periods in which a quota has stopped something so far; undefined without a quota. */
export function throttledPeriods(
  sources: Pick<Sources, 'root'>,
  { throttleFiles }: Pick<Allowance, 'throttleFiles'>,
): number | undefined {
  const counts = throttleFiles.flatMap((file) => {
    const count = /^nr_throttled (\d{1,15})$/m.exec(readText(sources, file) ?? '')?.[1];
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
function canUseFirst(sources: Pick<Sources, 'root'>, listed: string): boolean {
  if (beginsWithFirst(listed)) return true;
  for (const folder of groupFolders(sources, 'cpuset')) {
    const list =
      readText(sources, `${folder}/cpuset.cpus.effective`) ??
      readText(sources, `${folder}/cpuset.effective_cpus`);
    if (list !== undefined) return beginsWithFirst(list);
  }
  return false;
}

/** The control groups that this process is in, the innermost first: a limit of each holds for it. */
function groupFolders(sources: Pick<Sources, 'root'>, controller: string): readonly string[] {
  const lines = (readText(sources, '/proc/self/cgroup') ?? '').split('\n');
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

function quotaIn(sources: Pick<Sources, 'root'>, folder: string): number | undefined {
  const [, quota, period] =
    /^(\d{1,15}) (\d{1,15})$/.exec(readText(sources, `${folder}/cpu.max`) ?? '') ?? [];
  const allowed = quota ?? readNumber(sources, `${folder}/cpu.cfs_quota_us`);
  const each = period ?? readNumber(sources, `${folder}/cpu.cfs_period_us`);
  const processors = Number(allowed) / Number(each);
  // -1 is no quota.
  return processors > 0 && Number.isFinite(processors) ? processors : undefined;
}

function least(values: readonly number[]): number | undefined {
  return values.length > 0 ? Math.min(...values) : undefined;
}
