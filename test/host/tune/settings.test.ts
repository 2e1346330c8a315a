import { describe, expect, it } from 'vitest';
import { tuneHints } from '../../../src/host/tune/hints.ts';
import { tunableSettings } from '../../../src/host/tune/settings.ts';
import { LAPTOP, machine } from '../machine/file-tree.ts';

const CPU = '/sys/devices/system/cpu';
const settingsOf = (...args: Parameters<typeof machine>) => tunableSettings(machine(...args));

describe('the settings that are tuned on Linux', () => {
  it('are the governor of every policy, and turbo', async () => {
    const [governor, turbo, ...others] = await settingsOf('linux', LAPTOP);
    expect(others).toEqual([]);
    expect(governor).toMatchObject({ name: 'governor', now: 'powersave', tuned: 'performance' });
    expect(governor?.changes.map(({ target }) => target)).toEqual(
      [0, 1, 2, 3].map((n) => `${CPU}/cpufreq/policy${n}/scaling_governor`),
    );
    expect(turbo).toEqual({
      ...{ name: 'turbo', where: 'intel_pstate/no_turbo', now: 'on', tuned: 'off' },
      changes: [{ kind: 'file', target: `${CPU}/intel_pstate/no_turbo`, before: '0', after: '1' }],
    });
  });

  it('are left alone where they have their value already', async () => {
    const [governor, turbo] = await settingsOf('linux', {
      ...LAPTOP,
      [`${CPU}/cpufreq/policy0/scaling_governor`]: 'performance',
      [`${CPU}/intel_pstate/no_turbo`]: '1',
    });
    expect(governor).toMatchObject({ now: 'performance, powersave' });
    expect(governor?.changes).toHaveLength(3);
    expect(turbo).toMatchObject({ now: 'off', changes: [] });
  });

  it('include the file `boost` with other drivers', async () => {
    const [boost] = await settingsOf('linux', { [`${CPU}/cpufreq/boost`]: '1' });
    expect(boost).toMatchObject({ now: 'on', changes: [{ before: '1', after: '0' }] });
  });

  it('are none without these files, or without a governor called performance', async () => {
    expect(await settingsOf('linux', {})).toEqual([]);
    const policy = `${CPU}/cpufreq/policy0`;
    const files = {
      [`${policy}/scaling_governor`]: 'userspace',
      [`${policy}/scaling_available_governors`]: 'userspace',
    };
    expect(await settingsOf('linux', files)).toEqual([]);
  });
});

describe('the settings that are tuned on FreeBSD', () => {
  const SYSCTL = `dev.cpu.0.freq: 1200
dev.cpu.0.freq_levels: 2401/45000 2400/42000 1200/20000
hw.acpi.cpu.cx_lowest: C8`;
  const changes = async (files: Record<string, string>, sysctl: string) =>
    (await settingsOf('freebsd', files, { sysctl })).flatMap((setting) =>
      setting.changes.map(({ target, before, after }) => `${target}: ${before} -> ${after}`),
    );

  it('are the frequency, to the highest level that is not turbo, and the idle states', async () => {
    expect(await changes({}, SYSCTL)).toEqual([
      'dev.cpu.0.freq: 1200 -> 2400',
      'hw.acpi.cpu.cx_lowest: C8 -> C1',
    ]);
  });

  it('are only the idle states while powerd sets the frequency', async () => {
    expect(await changes({ '/var/run/powerd.pid': '1' }, SYSCTL)).toEqual([
      'hw.acpi.cpu.cx_lowest: C8 -> C1',
    ]);
  });

  it('are none where the kernel has neither', async () => {
    expect(await settingsOf('freebsd', {}, { sysctl: '' })).toEqual([]);
    expect(await settingsOf('freebsd', {})).toEqual([]);
  });
});

it('the hints name settings that are never changed, with their values', () => {
  const hints = (facts: Record<string, string>, platform: NodeJS.Platform) =>
    tuneHints(new Map(Object.entries(facts)), platform);
  expect(hints({ aslr: '2', smt: 'on' }, 'linux').map(({ code }) => code)).toEqual([
    'aslr',
    'isolation',
    'smt',
  ]);
  expect(hints({ aslr: '2' }, 'linux')[0]?.message).toContain('randomize_va_space is 2');
  expect(
    hints({ powerd: 'on', virtualisation: 'none' }, 'freebsd').map(({ code }) => code),
  ).toEqual(['powerd', 'isolation']);
});
