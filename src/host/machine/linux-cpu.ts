import { type FactSources, type Found, listPaths, readNumber } from './sources.ts';

export const CPU = '/sys/devices/system/cpu';

/**
 * Facts about Linux processors: clock, governor, turbo, threads, caches, throttling, mitigations.
 */
export async function linuxCpuFacts(sources: FactSources): Promise<readonly Found[]> {
  const { readText } = sources;
  const policies = await listPaths(sources, `${CPU}/cpufreq`, /^policy\d+$/);
  const ofPolicies = async (file: string) =>
    distinct(await Promise.all(policies.map((p) => readText(`${p}/${file}`))));
  const clock = (file: string) => readNumber(sources, `${CPU}/cpu0/cpufreq/${file}`);
  return [
    ['cpu_cores', await coreCount(sources)],
    ['cpu_online', await readText(`${CPU}/online`)],
    ['smt', onOff(await readText(`${CPU}/smt/active`))],
    ['cpu_isolated', cpuList(await readText(`${CPU}/isolated`))],
    ['cpu_nohz_full', cpuList(await readText(`${CPU}/nohz_full`))],
    ['cpu_frequency_driver', await ofPolicies('scaling_driver')],
    ['cpu_governor', await ofPolicies('scaling_governor')],
    ['cpu_energy_preference', await ofPolicies('energy_performance_preference')],
    ['cpu0_frequency_khz', await clock('scaling_cur_freq')],
    ['cpu0_frequency_min_khz', await clock('scaling_min_freq')],
    ['cpu0_frequency_max_khz', await clock('scaling_max_freq')],
    ['cpu0_frequency_base_khz', await clock('base_frequency')],
    ['turbo', await turbo(sources)],
    ['cpu_idle_driver', await readText(`${CPU}/cpuidle/current_driver`)],
    ['cpu_idle_governor', await readText(`${CPU}/cpuidle/current_governor`)],
    ...(await caches(sources)),
    ['cpu_throttle_events', await throttleEvents(sources)],
    ...(await mitigations(sources)),
  ];
}

async function turbo(sources: FactSources): Promise<'on' | 'off' | undefined> {
  const forbidden = await sources.readText(`${CPU}/intel_pstate/no_turbo`);
  if (forbidden !== undefined) return forbidden === '0' ? 'on' : 'off';
  return onOff(await sources.readText(`${CPU}/cpufreq/boost`));
}

async function caches(sources: FactSources): Promise<readonly Found[]> {
  const { readText } = sources;
  const found: Found[] = [];
  for (const folder of await listPaths(sources, `${CPU}/cpu0/cache`, /^index\d+$/)) {
    const [level, type, size, line] = await Promise.all([
      readText(`${folder}/level`),
      readText(`${folder}/type`),
      readText(`${folder}/size`),
      readNumber(sources, `${folder}/coherency_line_size`),
    ]);
    const name = `l${level}${type === 'Data' ? 'd' : type === 'Instruction' ? 'i' : ''}`;
    found.push([`${name}_cache_bytes`, level && sizeBytes(size)]);
    if (name === 'l1d') found.push(['cache_line_bytes', line]);
  }
  return found;
}

/** The kernel writes a cache's size as 48K; older kernels also write 1M. */
function sizeBytes(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d+)([KM]?)$/.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === 'M' ? 2 ** 20 : unit === 'K' ? 2 ** 10 : 1);
}

async function coreCount(sources: FactSources): Promise<number | undefined> {
  const { readText } = sources;
  const cpus = await listPaths(sources, CPU, /^cpu\d+$/);
  const cores = await Promise.all(
    cpus.map(async (cpu) => {
      const [core, chip] = await Promise.all([
        readText(`${cpu}/topology/core_id`),
        readText(`${cpu}/topology/physical_package_id`),
      ]);
      return core === undefined ? [] : [`${chip}:${core}`];
    }),
  );
  return new Set(cores.flat()).size || undefined;
}

/** Counts how often cores have slowed down because of heat since the machine was started. */
async function throttleEvents(sources: FactSources): Promise<number | undefined> {
  const cpus = await listPaths(sources, CPU, /^cpu\d+$/);
  const counts = await Promise.all(
    cpus.map((cpu) => readNumber(sources, `${cpu}/thermal_throttle/core_throttle_count`)),
  );
  const known = counts.filter((count) => count !== undefined);
  return known.length > 0 ? known.reduce((sum, count) => sum + count, 0) : undefined;
}

/** Finds the mitigations that make a system call slower, by name: their full text fills a page. */
async function mitigations(sources: FactSources): Promise<readonly Found[]> {
  const paths = await listPaths(sources, `${CPU}/vulnerabilities`, /^\w+$/);
  const all = await Promise.all(
    paths.map(async (path) => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      state: (await sources.readText(path)) ?? '',
    })),
  );
  const named = (start: string) =>
    all.flatMap(({ name, state }) => (state.startsWith(start) ? [name] : [])).join(',') || 'none';
  if (all.length === 0) return [];
  return [
    ['cpu_mitigated', named('Mitigation')],
    ['cpu_vulnerable', named('Vulnerable')],
  ];
}

function onOff(text: string | undefined): 'on' | 'off' | undefined {
  return text === '1' ? 'on' : text === '0' ? 'off' : undefined;
}

/** Some kernels print "(null)" for an empty list. */
function cpuList(text: string | undefined): string | undefined {
  return text !== undefined && /^[\d,-]+$/.test(text) ? text : undefined;
}

function distinct(values: readonly (string | undefined)[]): string | undefined {
  return [...new Set(values.filter((value) => value !== undefined))].sort().join(',') || undefined;
}
