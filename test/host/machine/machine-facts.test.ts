import { describe, expect, it } from 'vitest';
import { machineFacts } from '../../../src/host/machine/machine-facts.ts';
import { sourcesOf } from '../../../src/host/machine/sources.ts';
import { localHost } from '../local-host.ts';
import { LAPTOP, machine } from './file-tree.ts';

const NOBODY = { effective: undefined, sudo: undefined };
const factsOf = async (...args: Parameters<typeof machine>) =>
  Object.fromEntries(await machineFacts(machine(...args), undefined, NOBODY));

describe('the facts of a Linux machine', () => {
  it('are read from its files, with keys that contain their units', async () => {
    expect(await factsOf('linux', LAPTOP, { getconf: '4096' })).toEqual({
      cpu_cores: '2',
      cpu_online: '0-3',
      smt: 'on',
      cpu_frequency_driver: 'intel_pstate',
      cpu_governor: 'powersave',
      cpu_energy_preference: 'balance_performance',
      cpu0_frequency_khz: '2400123',
      cpu0_frequency_min_khz: '400000',
      cpu0_frequency_max_khz: '4200000',
      cpu0_frequency_base_khz: '2400000',
      turbo: 'on',
      l1d_cache_bytes: '49152',
      cache_line_bytes: '64',
      l3_cache_bytes: String(12 * 2 ** 20),
      cpu_throttle_events: '6',
      cpu_mitigated: 'meltdown',
      cpu_vulnerable: 'mds',
      virtualisation: 'none',
      clock_source: 'hpet',
      clock_sources_available: 'tsc hpet acpi_pm',
      page_size_bytes: '4096',
      transparent_hugepages: 'madvise',
      aslr: '2',
      pipe_max_size_bytes: '1048576',
      kernel_sched_rt_runtime_us: '950000',
      boot_mitigations: 'auto',
      power_source: 'battery',
      steal_percent_since_boot: '3.00',
    });
  });

  it('contain nothing else of the boot command line', async () => {
    const facts = await factsOf('linux', LAPTOP);
    expect(JSON.stringify(facts)).not.toContain('secret');
  });

  it('name every governor when processors differ', async () => {
    const governor = '/sys/devices/system/cpu/cpufreq/policy3/scaling_governor';
    const facts = await factsOf('linux', { ...LAPTOP, [governor]: 'performance' });
    expect(facts.cpu_governor).toBe('performance,powersave');
  });

  it.each([
    [{ '/sys/devices/system/cpu/cpufreq/boost': '1' }, 'on'],
    [{ '/sys/devices/system/cpu/cpufreq/boost': '0' }, 'off'],
    [{ '/sys/devices/system/cpu/intel_pstate/no_turbo': '1' }, 'off'],
    [{}, undefined],
  ])('read turbo from %j', async (files, turbo) => {
    expect((await factsOf('linux', files)).turbo).toBe(turbo);
  });

  it.each([
    ['a program that detects it', {}, { 'systemd-detect-virt': 'kvm' }, 'kvm'],
    ['Xen', { '/sys/hypervisor/type': 'xen' }, {}, 'xen'],
    ['the vendor', { '/sys/class/dmi/id/sys_vendor': 'QEMU' }, {}, 'QEMU'],
    [
      "the processor's flag",
      { '/proc/cpuinfo': 'flags : fpu hypervisor' },
      {},
      'unknown hypervisor',
    ],
    ['the lack of that flag', { '/proc/cpuinfo': 'flags : fpu' }, {}, 'none'],
    ['nothing at all', { '/sys/class/dmi/id/sys_vendor': 'LENOVO' }, {}, undefined],
  ])('recognise virtualisation by %s', async (_, files, answers, expected) => {
    expect(
      (await factsOf('linux', files as Record<string, string>, answers as Record<string, string>))
        .virtualisation,
    ).toBe(expected);
  });

  it('are empty without an error where there are no files', async () => {
    expect(await factsOf('linux', {})).toEqual({});
  });

  it('are single lines that can be printed', async () => {
    const file = '/sys/devices/system/clocksource/clocksource0/current_clocksource';
    const facts = await factsOf('linux', { [file]: `a\x1b[31m\nb${'x'.repeat(1000)}` });
    expect(facts.clock_source).toMatch(/^a \[31m bx+$/);
    expect(facts.clock_source).toHaveLength(500);
  });
});

describe('the facts of a FreeBSD machine', () => {
  const SYSCTL = `kern.smp.cores: 4
kern.smp.threads_per_core: 2
hw.pagesize: 4096
kern.timecounter.hardware: TSC-low
kern.timecounter.choice: TSC-low(1000) HPET(950) dummy(-1000000)
dev.cpu.0.freq: 2401
dev.cpu.0.freq_levels: 2401/45000 2400/42000 1200/20000
hw.acpi.cpu.cx_lowest: C8
hw.acpi.acline: 1
kern.vm_guest: none
kern.elf64.aslr.enable: 1
kern.ipc.pipe_mindirect: 8192
vm.pmap.pti: 1`;

  it('come from one sysctl command', async () => {
    expect(await factsOf('freebsd', { '/var/run/powerd.pid': '77' }, { sysctl: SYSCTL })).toEqual({
      cpu_cores: '4',
      smt: 'on',
      cpu0_frequency_khz: '2401000',
      cpu0_frequency_min_khz: '1200000',
      cpu0_frequency_max_khz: '2401000',
      turbo: 'on',
      cpu_idle_lowest: 'C8',
      powerd: 'on',
      power_source: 'mains',
      virtualisation: 'none',
      clock_source: 'TSC-low',
      clock_sources_available: 'TSC-low(1000) HPET(950) dummy(-1000000)',
      page_size_bytes: '4096',
      aslr: '1',
      pipe_mindirect_bytes: '8192',
      page_table_isolation: '1',
    });
  });

  it('leave turbo out where no level is a turbo level', async () => {
    const sysctl = 'dev.cpu.0.freq: 2400\ndev.cpu.0.freq_levels: 2400/1 1200/1';
    expect(await factsOf('freebsd', {}, { sysctl })).toEqual({
      powerd: 'off',
      cpu0_frequency_khz: '2400000',
      cpu0_frequency_min_khz: '1200000',
      cpu0_frequency_max_khz: '2400000',
    });
  });
});

it('a Mac reports its caches, its page size and a hypervisor', async () => {
  const sysctl =
    'hw.physicalcpu: 8\nhw.pagesize: 16384\nhw.l2cachesize: 4194304\nkern.hv_vmm_present: 1';
  expect(await factsOf('darwin', {}, { sysctl })).toEqual({
    cpu_cores: '8',
    page_size_bytes: '16384',
    l2_cache_bytes: '4194304',
    virtualisation: 'unknown hypervisor',
  });
});

describe('this machine', () => {
  it('reports its page size even if a program is missing', async () => {
    const { host, close } = await localHost();
    const sources = sourcesOf(host);
    const facts = await machineFacts(sources, undefined, NOBODY);
    expect(Number(facts.get('page_size_bytes'))).toBeGreaterThanOrEqual(4096);
    expect(await sources.ask('/nonexistent/program', [])).toBeUndefined();
    expect(await sources.ask('sh', ['-c', 'echo x; exit 1'])).toBeUndefined();
    await close();
  });
});
