import { frequencyLevels, nominalMhz, powerdRuns } from '../machine/freebsd.ts';
import { CPU } from '../machine/linux-cpu.ts';
import { type FactSources, listPaths, settingsIn } from '../machine/sources.ts';

/** One value to write. */
export interface SettingChange {
  readonly kind: 'file' | 'sysctl';
  /** An absolute path, or the name of a sysctl. */
  readonly target: string;
  readonly before: string;
  readonly after: string;
}

/** A setting that `run --tune` can fix on this machine. */
export interface TunableSetting {
  readonly name: 'governor' | 'turbo' | 'frequency' | 'idle-states';
  readonly where: string;
  readonly now: string;
  readonly tuned: string;
  /** The changes to make; empty if it is already as wanted. */
  readonly changes: readonly SettingChange[];
}

/**
 * Finds the settings that can be fixed here: none in most virtual machines, where the host decides.
 */
export async function tunableSettings(sources: FactSources): Promise<readonly TunableSetting[]> {
  switch (sources.platform) {
    case 'linux':
      return [...(await governor(sources)), ...(await turbo(sources))];
    case 'freebsd':
      return freebsdSettings(sources);
    default:
      return [];
  }
}

/** Finds the policies that know the governor `performance`, which keeps the highest frequency. */
async function governor(sources: FactSources): Promise<readonly TunableSetting[]> {
  const policies = [];
  for (const policy of await listPaths(sources, `${CPU}/cpufreq`, /^policy\d+$/)) {
    const target = `${policy}/scaling_governor`;
    const before = await sources.readText(target);
    const known = await sources.readText(`${policy}/scaling_available_governors`);
    if (before === undefined || !known?.split(/\s+/).includes('performance')) continue;
    policies.push({ kind: 'file' as const, target, before, after: 'performance' });
  }
  if (policies.length === 0) return [];
  return [
    {
      name: 'governor',
      where: `cpufreq/policy*/scaling_governor, ${policies.length} of them`,
      now: [...new Set(policies.map(({ before }) => before))].sort().join(', '),
      tuned: 'performance',
      changes: policies.filter(({ before, after }) => before !== after),
    },
  ];
}

async function turbo(sources: FactSources): Promise<readonly TunableSetting[]> {
  const switches = [
    { file: 'intel_pstate/no_turbo', off: '1' },
    { file: 'cpufreq/boost', off: '0' },
  ];
  for (const { file, off } of switches) {
    const target = `${CPU}/${file}`;
    const before = await sources.readText(target);
    if (before !== '0' && before !== '1') continue;
    const change = { kind: 'file' as const, target, before, after: off };
    return [
      {
        name: 'turbo',
        where: file,
        now: before === off ? 'off' : 'on',
        tuned: 'off',
        changes: before === off ? [] : [change],
      },
    ];
  }
  return [];
}

async function freebsdSettings(sources: FactSources): Promise<readonly TunableSetting[]> {
  const names = ['dev.cpu.0.freq', 'dev.cpu.0.freq_levels', 'hw.acpi.cpu.cx_lowest'];
  const answer = settingsIn((await sources.ask('sysctl', ['-i', ...names])) ?? '');
  const nominal = nominalMhz(frequencyLevels(answer.get('dev.cpu.0.freq_levels') ?? ''));
  const powerd = await powerdRuns(sources);
  const wanted = [
    // powerd would change it back at once.
    ...(nominal === undefined || powerd
      ? []
      : [{ name: 'frequency' as const, target: 'dev.cpu.0.freq', after: String(nominal) }]),
    { name: 'idle-states' as const, target: 'hw.acpi.cpu.cx_lowest', after: 'C1' },
  ];
  return wanted.flatMap(({ name, target, after }): TunableSetting[] => {
    const before = answer.get(target);
    if (before === undefined) return [];
    const changes = before === after ? [] : [{ kind: 'sysctl' as const, target, before, after }];
    return [{ name, where: target, now: before, tuned: after, changes }];
  });
}
