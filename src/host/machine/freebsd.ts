import { beginsWithFirst } from './allowance.ts';
import { type FactSources, type Found, settingsIn } from './sources.ts';

const NAMES = [
  'kern.smp.cores',
  'kern.smp.threads_per_core',
  'hw.pagesize',
  'kern.timecounter.hardware',
  'kern.timecounter.choice',
  'dev.cpu.0.freq',
  'dev.cpu.0.freq_levels',
  'dev.cpufreq.0.freq_driver',
  'hw.acpi.cpu.cx_lowest',
  'hw.acpi.acline',
  'kern.vm_guest',
  'kern.ident',
  'kern.hz',
  'kern.sched.name',
  'kern.elf64.aslr.enable',
  'kern.ipc.maxpipekva',
  'kern.ipc.pipe_mindirect',
  'kern.ipc.piperesizeallowed',
  'machdep.hwpstate_pkg_ctrl',
  'dev.hwpstate_intel.0.epp',
  'vm.pmap.pti',
  'hw.ibrs_active',
  'hw.mds_disable_state',
  // Only a kernel with WITNESS has this.
  'debug.witness.watch',
] as const;

/** FreeBSD: one sysctl command asks for everything; -i makes it skip what this kernel lacks. */
export async function freebsdFacts(sources: FactSources): Promise<readonly Found[]> {
  const answer = settingsIn((await sources.ask('sysctl', ['-i', ...NAMES])) ?? '');
  const of = (name: (typeof NAMES)[number]) => answer.get(name);
  const threads = of('kern.smp.threads_per_core');
  const line = of('hw.acpi.acline');
  const levels = frequencyLevels(of('dev.cpu.0.freq_levels') ?? '');
  const nominal = nominalMhz(levels);
  const allowed = allowedIn((await sources.ask('cpuset', ['-g', '-c'])) ?? '');
  return [
    ['cpu_cores', of('kern.smp.cores')],
    ['cpus_allowed', allowed],
    ['cpu0_allowed', allowed && (beginsWithFirst(allowed) ? 'yes' : 'no')],
    ['smt', threads && (Number(threads) > 1 ? 'on' : 'off')],
    ['cpu_frequency_driver', of('dev.cpufreq.0.freq_driver')],
    ['cpu0_frequency_khz', khz(of('dev.cpu.0.freq'))],
    ['cpu0_frequency_min_khz', khz(levels.at(-1))],
    ['cpu0_frequency_max_khz', khz(levels[0])],
    ['turbo', nominal === levels[0] ? undefined : turbo(Number(of('dev.cpu.0.freq')), nominal)],
    ['cpu_idle_lowest', of('hw.acpi.cpu.cx_lowest')],
    ['cpu_energy_preference', of('dev.hwpstate_intel.0.epp')],
    ['hwpstate_pkg_ctrl', of('machdep.hwpstate_pkg_ctrl')],
    ['powerd', (await powerdRuns(sources)) ? 'on' : 'off'],
    ['power_source', line && (line === '1' ? 'mains' : 'battery')],
    ['virtualisation', of('kern.vm_guest')],
    ['clock_source', of('kern.timecounter.hardware')],
    ['clock_sources_available', of('kern.timecounter.choice')],
    ['page_size_bytes', of('hw.pagesize')],
    ['aslr', of('kern.elf64.aslr.enable')],
    ['pipe_kva_max_bytes', of('kern.ipc.maxpipekva')],
    ['pipe_mindirect_bytes', of('kern.ipc.pipe_mindirect')],
    ['pipe_resize_allowed', of('kern.ipc.piperesizeallowed')],
    ['kernel_ident', of('kern.ident')],
    ['kernel_hz', of('kern.hz')],
    ['kernel_scheduler', of('kern.sched.name')],
    ['kernel_debug', of('debug.witness.watch') && 'witness'],
    ['page_table_isolation', of('vm.pmap.pti')],
    ['ibrs_active', of('hw.ibrs_active')],
    ['mds_mitigation', of('hw.mds_disable_state')],
  ];
}

/** Reads `pid -1 cpuset mask: 0, 1, 2`, the set that a process can choose from, as 0,1,2. */
export function allowedIn(text: string): string | undefined {
  return /^pid -?\d+(?: \w+)? mask: ([\d, ]+)$/m.exec(text)?.[1]?.replaceAll(' ', '');
}

/** powerd changes the frequency with the load; while it runs, its pid is in this file. */
export async function powerdRuns(sources: FactSources): Promise<boolean> {
  return (await sources.list('/var/run')).includes('powerd.pid');
}

/** Reads "2401/45000 2400/42000 1200/-1" (MHz/mW) as MHz, the highest first. */
export function frequencyLevels(text: string): readonly number[] {
  return [...text.matchAll(/(\d+)\/-?\d+/g)].map(([, mhz]) => Number(mhz)).sort((a, b) => b - a);
}

/** est(4) shows turbo as a level 1 MHz above the nominal frequency. */
export function nominalMhz(levels: readonly number[]): number | undefined {
  const [first, second] = levels;
  return first !== undefined && second === first - 1 ? second : first;
}

function turbo(now: number, nominal: number | undefined): 'on' | 'off' | undefined {
  if (nominal === undefined || !Number.isFinite(now)) return undefined;
  return now > nominal ? 'on' : 'off';
}

function khz(mhz: string | number | undefined): number | undefined {
  const value = Number(mhz ?? Number.NaN);
  // Some drivers return -1 when they do not know.
  return value > 0 ? value * 1000 : undefined;
}
