import { describe, expect, it } from 'vitest';
import { machineFacts } from '../../../src/host/machine/machine-facts.ts';
import { environmentWarnings } from '../../../src/host/machine/warnings.ts';
import { LAPTOP, machine } from './file-tree.ts';

const QUIET = { oneMinute: 0.2, processors: 2 };
const codes = (facts: Record<string, string>, load = QUIET) =>
  environmentWarnings(new Map(Object.entries(facts)), load).map(({ code }) => code);

describe('warnings about a machine', () => {
  it('are not given where the clock is fixed and nothing else runs', () => {
    expect(
      codes({
        cpu_governor: 'performance',
        turbo: 'off',
        clock_source: 'tsc',
        virtualisation: 'none',
        power_source: 'mains',
        cpu_throttle_events: '0',
        steal_percent_since_boot: '0.00',
        powerd: 'off',
        cpu0_allowed: 'yes',
        cpu_quota_processors: '2',
      }),
    ).toEqual([]);
    expect(codes({})).toEqual([]);
  });

  it.each([
    [{ kernel_debug: 'witness' }, 'debug-kernel'],
    [{ steal_percent_since_boot: '1.01' }, 'vm-steal'],
    [{ power_source: 'battery' }, 'on-battery'],
    [{ cpu_governor: 'schedutil' }, 'governor-not-performance'],
    [{ cpu_governor: 'performance,powersave' }, 'governor-not-performance'],
    [{ powerd: 'on' }, 'powerd'],
    [{ clock_source: 'acpi_pm' }, 'clock-source'],
    [{ clock_source: 'HPET' }, 'clock-source'],
    [{ cpu_throttle_events: '1' }, 'throttled'],
    [{ turbo: 'on' }, 'turbo-on'],
    [{ cpu0_allowed: 'no', cpus_allowed: '1-3' }, 'processor-0-not-allowed'],
    [{ cpu_quota_processors: '0.5' }, 'cpu-quota'],
    [{ virtualisation: 'kvm' }, 'virtual-machine'],
  ])('report %j as %s', (facts, code) => {
    expect(codes(facts as unknown as Record<string, string>)).toEqual([code]);
  });

  it.each(['tsc', 'TSC-low', 'kvm-clock', 'hyperv_clocksource_tsc_page', 'arch_sys_counter'])(
    'are not given for the clock %s, which is read without a system call',
    (clock) => {
      expect(codes({ clock_source: clock })).toEqual([]);
    },
  );

  it('report that more than half of the processors are busy', () => {
    expect(codes({}, { oneMinute: 1, processors: 2 })).toEqual([]);
    expect(codes({}, { oneMinute: 1.01, processors: 2 })).toEqual(['other-load']);
  });

  it('name the value and how to change it', async () => {
    const facts = await machineFacts(machine('linux', LAPTOP), undefined, {
      effective: undefined,
      sudo: undefined,
    });
    const messages = environmentWarnings(facts, QUIET).map(({ message }) => message);
    expect(messages).toHaveLength(6);
    expect(messages).toContainEqual(expect.stringMatching(/governor is powersave.*run --tune/));
    expect(messages).toContainEqual(expect.stringMatching(/read from hpet.*tsc hpet acpi_pm/));
    expect(messages).toContainEqual(expect.stringMatching(/given 3 %/));
  });
});
