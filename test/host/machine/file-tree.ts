import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FactSources } from '../../../src/host/machine/sources.ts';

/** Files by absolute path, as a machine's kernel would show them, under a folder of their own. */
export function fileTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-tree-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, `${text}\n`);
  }
  return root;
}

/** A machine of files, and of answers by the first word of a command. */
export function machine(
  platform: NodeJS.Platform,
  files: Readonly<Record<string, string>>,
  answers: Readonly<Record<string, string>> = {},
): FactSources & { readonly root: string } {
  const root = fileTree(files);
  return {
    platform,
    root,
    readText: async (path) => read(() => readFileSync(root + path, 'utf8').trim()) || undefined,
    list: async (folder) => read(() => readdirSync(root + folder)) ?? [],
    ask: async (program) => answers[program],
  };
}

function read<T>(from: () => T): T | undefined {
  try {
    return from();
  } catch {
    return undefined;
  }
}

const CPU = '/sys/devices/system/cpu';

/** A laptop with an Intel processor of two cores with two threads each. */
export const LAPTOP: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [0, 1, 2, 3].flatMap((n) => [
      [`${CPU}/cpu${n}/topology/core_id`, String(n % 2)],
      [`${CPU}/cpu${n}/topology/physical_package_id`, '0'],
      [`${CPU}/cpu${n}/thermal_throttle/core_throttle_count`, String(n)],
      [`${CPU}/cpufreq/policy${n}/scaling_governor`, 'powersave'],
      [`${CPU}/cpufreq/policy${n}/scaling_available_governors`, 'performance powersave'],
      [`${CPU}/cpufreq/policy${n}/scaling_driver`, 'intel_pstate'],
      [`${CPU}/cpufreq/policy${n}/energy_performance_preference`, 'balance_performance'],
    ]),
  ),
  [`${CPU}/online`]: '0-3',
  [`${CPU}/isolated`]: '',
  [`${CPU}/nohz_full`]: '  (null)',
  [`${CPU}/smt/active`]: '1',
  [`${CPU}/cpu0/cpufreq/scaling_cur_freq`]: '2400123',
  [`${CPU}/cpu0/cpufreq/scaling_min_freq`]: '400000',
  [`${CPU}/cpu0/cpufreq/scaling_max_freq`]: '4200000',
  [`${CPU}/cpu0/cpufreq/base_frequency`]: '2400000',
  [`${CPU}/intel_pstate/no_turbo`]: '0',
  [`${CPU}/cpu0/cache/index0/level`]: '1',
  [`${CPU}/cpu0/cache/index0/type`]: 'Data',
  [`${CPU}/cpu0/cache/index0/size`]: '48K',
  [`${CPU}/cpu0/cache/index0/coherency_line_size`]: '64',
  [`${CPU}/cpu0/cache/index3/level`]: '3',
  [`${CPU}/cpu0/cache/index3/type`]: 'Unified',
  [`${CPU}/cpu0/cache/index3/size`]: '12M',
  [`${CPU}/vulnerabilities/meltdown`]: 'Mitigation: PTI',
  [`${CPU}/vulnerabilities/mds`]: 'Vulnerable: Clear CPU buffers attempted, no microcode',
  [`${CPU}/vulnerabilities/l1tf`]: 'Not affected',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'hpet',
  '/sys/devices/system/clocksource/clocksource0/available_clocksource': 'tsc hpet acpi_pm',
  '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never',
  '/sys/class/power_supply/AC/type': 'Mains',
  '/sys/class/power_supply/AC/online': '0',
  '/sys/class/power_supply/BAT0/type': 'Battery',
  '/sys/class/power_supply/BAT0/status': 'Discharging',
  '/sys/class/power_supply/mouse/type': 'Battery',
  '/sys/class/power_supply/mouse/scope': 'Device',
  '/proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vme tsc\n',
  '/proc/cmdline': 'root=/dev/sda1 password=secret mitigations=auto quiet',
  '/proc/sys/kernel/randomize_va_space': '2',
  '/proc/sys/kernel/sched_rt_runtime_us': '950000',
  '/proc/sys/fs/pipe-max-size': '1048576',
  '/proc/stat': 'cpu  100 0 50 800 10 0 10 30 0 0\ncpu0 50 0 25 400 5 0 5 15 0 0\nctxt 1234',
};
