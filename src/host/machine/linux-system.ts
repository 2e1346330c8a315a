import { allowanceOf } from './allowance.ts';
import { cpuTimes } from './proc-stat.ts';
import { type FactSources, type Found, listPaths, readNumber } from './sources.ts';

const CLOCK = '/sys/devices/system/clocksource/clocksource0';

/** Vendor or product names that a hypervisor gives its machines. */
const HYPERVISOR =
  /\b(QEMU|KVM|VMware|VirtualBox|Xen|Amazon EC2|Google Compute|Parallels|Bochs|Firecracker|Virtual Machine)\b/i;

/** Facts about the system on Linux: clock, memory, pipes, scheduler, virtualisation, power. */
export async function linuxSystemFacts(sources: FactSources): Promise<readonly Found[]> {
  const { readText } = sources;
  const kernel = (name: string) => readText(`/proc/sys/${name}`);
  const hugePages = await readText('/sys/kernel/mm/transparent_hugepage/enabled');
  return [
    ['virtualisation', await virtualisation(sources)],
    ['clock_source', await readText(`${CLOCK}/current_clocksource`)],
    ['clock_sources_available', await readText(`${CLOCK}/available_clocksource`)],
    ['page_size_bytes', await sources.ask('getconf', ['PAGESIZE'])],
    ['transparent_hugepages', /\[(\w+)\]/.exec(hugePages ?? '')?.[1]],
    ['aslr', await kernel('kernel/randomize_va_space')],
    ['pipe_max_size_bytes', await kernel('fs/pipe-max-size')],
    ['pipe_user_pages_soft', await kernel('fs/pipe-user-pages-soft')],
    ['pipe_user_pages_hard', await kernel('fs/pipe-user-pages-hard')],
    ['socket_receive_default_bytes', await kernel('net/core/rmem_default')],
    ['socket_send_default_bytes', await kernel('net/core/wmem_default')],
    ['bpf_jit', await kernel('net/core/bpf_jit_enable')],
    ...(await schedulerFacts(sources)),
    ['boot_mitigations', bootOption(await readText('/proc/cmdline'), 'mitigations')],
    [
      'kernel_debug',
      (await sources.list('/proc')).includes('lockdep_stats') ? 'lockdep' : undefined,
    ],
    ['platform_profile', await readText('/sys/firmware/acpi/platform_profile')],
    ['power_source', await powerSource(sources)],
    ['steal_percent_since_boot', await stealPercent(sources)],
    ...(await allowanceFacts(sources)),
  ];
}

/** Finds how much of the machine a container, a service or taskset(1) leaves to use. */
async function allowanceFacts(sources: FactSources): Promise<readonly Found[]> {
  const { processors, processor0, quotaProcessors, memoryBytes } = await allowanceOf(sources);
  return [
    ['cpus_allowed', processors],
    ['cpu0_allowed', processor0 === undefined ? undefined : processor0 ? 'yes' : 'no'],
    ['cpu_quota_processors', quotaProcessors],
    ['memory_limit_bytes', memoryBytes],
  ];
}

/** The scheduler's settings, by the kernel's own names. */
async function schedulerFacts(sources: FactSources): Promise<readonly Found[]> {
  const paths = await listPaths(sources, '/proc/sys/kernel', /^sched_\w+$/);
  return Promise.all(
    paths.map(
      async (path): Promise<Found> => [
        `kernel_${path.slice(path.lastIndexOf('/') + 1)}`,
        await sources.readText(path),
      ],
    ),
  );
}

async function virtualisation(sources: FactSources): Promise<string | undefined> {
  const { readText } = sources;
  // On bare metal it exits with 1 and "none", which counts as no answer; the checks below find that
  // out too.
  const detected = await sources.ask('systemd-detect-virt', ['--vm']);
  if (detected) return detected;
  const hypervisor = await readText('/sys/hypervisor/type');
  if (hypervisor) return hypervisor;
  for (const file of ['sys_vendor', 'product_name']) {
    const name = await readText(`/sys/class/dmi/id/${file}`);
    if (name && HYPERVISOR.test(name)) return name;
  }
  const flags = /^flags\s*:(.*)$/m.exec((await readText('/proc/cpuinfo')) ?? '')?.[1];
  // Only x86 shows this with a flag.
  if (flags === undefined) return undefined;
  return /\bhypervisor\b/.test(flags) ? 'unknown hypervisor' : 'none';
}

/** Finds one named word of the boot line; the whole line may hold private things. */
function bootOption(line: string | undefined, name: string): string | undefined {
  const words = (line ?? '').split(/\s+/);
  return words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Returns undefined if there is neither a battery nor mains, as on a server or a virtual machine.
 */
async function powerSource(sources: FactSources): Promise<'mains' | 'battery' | undefined> {
  const { readText } = sources;
  const paths = await listPaths(sources, '/sys/class/power_supply', /./);
  const supplies = await Promise.all(
    paths.map(async (path) => ({
      type: await readText(`${path}/type`),
      online: await readNumber(sources, `${path}/online`),
      status: await readText(`${path}/status`),
      // Even a mouse can have a battery.
      device: (await readText(`${path}/scope`)) === 'Device',
    })),
  );
  const own = supplies.filter(({ device }) => !device);
  if (own.some(({ type, online }) => type !== 'Battery' && online === 1)) return 'mains';
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery';
  return batteries.length > 0 ? 'mains' : undefined;
}

/** The time that the hypervisor gave to others, as a share of all processors' time since boot. */
async function stealPercent(sources: FactSources): Promise<string | undefined> {
  const times = cpuTimes(await sources.readText('/proc/stat'));
  if (!times || times.totalTicks === 0) return undefined;
  return ((100 * times.stealTicks) / times.totalTicks).toFixed(2);
}
