import { type Found, listPaths, readNumber, readText, type Sources } from './sources.ts';

export const CPU = '/sys/devices/system/cpu';

/** Processors on Linux: clock, governor, turbo, threads, caches, throttling, mitigations. */
export function linuxCpuFacts(sources: Sources): readonly Found[] {
  const policies = listPaths(sources, `${CPU}/cpufreq`, /^policy\d+$/);
  const ofPolicies = (file: string) =>
    distinct(policies.map((p) => readText(sources, `${p}/${file}`)));
  const clock = (file: string) => readNumber(sources, `${CPU}/cpu0/cpufreq/${file}`);
  return [
    ['cpu_cores', coreCount(sources)],
    ['cpu_online', readText(sources, `${CPU}/online`)],
    ['smt', onOff(readText(sources, `${CPU}/smt/active`))],
    ['cpu_isolated', cpuList(readText(sources, `${CPU}/isolated`))],
    ['cpu_nohz_full', cpuList(readText(sources, `${CPU}/nohz_full`))],
    ['cpu_frequency_driver', ofPolicies('scaling_driver')],
    ['cpu_governor', ofPolicies('scaling_governor')],
    ['cpu_energy_preference', ofPolicies('energy_performance_preference')],
    ['cpu0_frequency_khz', clock('scaling_cur_freq')],
    ['cpu0_frequency_min_khz', clock('scaling_min_freq')],
    ['cpu0_frequency_max_khz', clock('scaling_max_freq')],
    ['cpu0_frequency_base_khz', clock('base_frequency')],
    ['turbo', turbo(sources)],
    ['cpu_idle_driver', readText(sources, `${CPU}/cpuidle/current_driver`)],
    ['cpu_idle_governor', readText(sources, `${CPU}/cpuidle/current_governor`)],
    ...caches(sources),
    ['cpu_throttle_events', throttleEvents(sources)],
    ...mitigations(sources),
  ];
}

function turbo(sources: Sources): 'on' | 'off' | undefined {
  const forbidden = readText(sources, `${CPU}/intel_pstate/no_turbo`);
  if (forbidden !== undefined) return forbidden === '0' ? 'on' : 'off';
  return onOff(readText(sources, `${CPU}/cpufreq/boost`));
}

function caches(sources: Sources): readonly Found[] {
  return listPaths(sources, `${CPU}/cpu0/cache`, /^index\d+$/).flatMap((folder): Found[] => {
    const level = readText(sources, `${folder}/level`);
    const type = readText(sources, `${folder}/type`);
    const name = `l${level}${type === 'Data' ? 'd' : type === 'Instruction' ? 'i' : ''}`;
    const line = readNumber(sources, `${folder}/coherency_line_size`);
    return [
      [`${name}_cache_bytes`, level && sizeBytes(readText(sources, `${folder}/size`))],
      ...(name === 'l1d' ? [['cache_line_bytes', line] as const] : []),
    ];
  });
}

/** The kernel writes a cache's size as 48K, older ones also as 1M. */
function sizeBytes(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d+)([KM]?)$/.exec(text ?? '') ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit === 'M' ? 2 ** 20 : unit === 'K' ? 2 ** 10 : 1);
}

function coreCount(sources: Sources): number | undefined {
  const cores = listPaths(sources, CPU, /^cpu\d+$/).flatMap((cpu) => {
    const core = readText(sources, `${cpu}/topology/core_id`);
    return core === undefined
      ? []
      : [`${readText(sources, `${cpu}/topology/physical_package_id`)}:${core}`];
  });
  return cores.length > 0 ? new Set(cores).size : undefined;
}

/** How often cores have slowed down because of heat since the machine was started. */
function throttleEvents(sources: Sources): number | undefined {
  const counts = listPaths(sources, CPU, /^cpu\d+$/).flatMap(
    (cpu) => readNumber(sources, `${cpu}/thermal_throttle/core_throttle_count`) ?? [],
  );
  return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

/** What mitigations make a system call dearer, by name: their full text is a page. */
function mitigations(sources: Sources): readonly Found[] {
  const all = listPaths(sources, `${CPU}/vulnerabilities`, /^\w+$/).map((path) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    state: readText(sources, path) ?? '',
  }));
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
