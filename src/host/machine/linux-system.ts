import { existsSync } from 'node:fs';
import { allowanceOf } from './allowance.ts';
import { readCpuTimes } from './proc-stat.ts';
import { type Found, listPaths, readNumber, readText, type Sources } from './sources.ts';

const CLOCK = '/sys/devices/system/clocksource/clocksource0';

/** Vendor or product names that a hypervisor gives its machines. */
const HYPERVISOR =
  /\b(QEMU|KVM|VMware|VirtualBox|Xen|Amazon EC2|Google Compute|Parallels|Bochs|Firecracker|Virtual Machine)\b/i;

/** The system on Linux: clock, memory, pipes, scheduler, virtualisation, power. */
export async function linuxSystemFacts(sources: Sources): Promise<readonly Found[]> {
  const kernel = (name: string) => readText(sources, `/proc/sys/${name}`);
  const hugePages = readText(sources, '/sys/kernel/mm/transparent_hugepage/enabled');
  return [
    ['virtualisation', await virtualisation(sources)],
    ['clock_source', readText(sources, `${CLOCK}/current_clocksource`)],
    ['clock_sources_available', readText(sources, `${CLOCK}/available_clocksource`)],
    ['page_size_bytes', await sources.ask('getconf', ['PAGESIZE'])],
    ['transparent_hugepages', /\[(\w+)\]/.exec(hugePages ?? '')?.[1]],
    ['aslr', kernel('kernel/randomize_va_space')],
    ['pipe_max_size_bytes', kernel('fs/pipe-max-size')],
    ['pipe_user_pages_soft', kernel('fs/pipe-user-pages-soft')],
    ['pipe_user_pages_hard', kernel('fs/pipe-user-pages-hard')],
    ['socket_receive_default_bytes', kernel('net/core/rmem_default')],
    ['socket_send_default_bytes', kernel('net/core/wmem_default')],
    ['bpf_jit', kernel('net/core/bpf_jit_enable')],
    ...listPaths(sources, '/proc/sys/kernel', /^sched_\w+$/).map(
      (path): Found => [`kernel_${path.slice(path.lastIndexOf('/') + 1)}`, readText(sources, path)],
    ),
    ['boot_mitigations', bootOption(sources, 'mitigations')],
    ['kernel_debug', existsSync(`${sources.root}/proc/lockdep_stats`) ? 'lockdep' : undefined],
    ['platform_profile', readText(sources, '/sys/firmware/acpi/platform_profile')],
    ['power_source', powerSource(sources)],
    ['steal_percent_since_boot', stealPercent(sources)],
    ...allowanceFacts(sources),
  ];
}

/** What a container, a service or taskset(1) leaves of the machine. */
function allowanceFacts(sources: Sources): readonly Found[] {
  const { processors, processor0, quotaProcessors, memoryBytes } = allowanceOf(sources);
  return [
    ['cpus_allowed', processors],
    ['cpu0_allowed', processor0 === undefined ? undefined : processor0 ? 'yes' : 'no'],
    ['cpu_quota_processors', quotaProcessors],
    ['memory_limit_bytes', memoryBytes],
  ];
}

async function virtualisation(sources: Sources): Promise<string | undefined> {
  // It ends with 1 and "none" on bare metal, which counts as no answer; the rest finds out, too.
  const detected = await sources.ask('systemd-detect-virt', ['--vm']);
  if (detected) return detected;
  const hypervisor = readText(sources, '/sys/hypervisor/type');
  if (hypervisor) return hypervisor;
  for (const file of ['sys_vendor', 'product_name']) {
    const name = readText(sources, `/sys/class/dmi/id/${file}`);
    if (name && HYPERVISOR.test(name)) return name;
  }
  const flags = /^flags\s*:(.*)$/m.exec(readText(sources, '/proc/cpuinfo') ?? '')?.[1];
  // Only x86 tells by a flag.
  if (flags === undefined) return undefined;
  return /\bhypervisor\b/.test(flags) ? 'unknown hypervisor' : 'none';
}

/** One named word of the boot line; the whole line may hold what is nobody's business. */
function bootOption(sources: Sources, name: string): string | undefined {
  const words = (readText(sources, '/proc/cmdline') ?? '').split(/\s+/);
  return words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Undefined where there is no battery and no mains to be seen: a server, a virtual machine. */
function powerSource(sources: Sources): 'mains' | 'battery' | undefined {
  const supplies = listPaths(sources, '/sys/class/power_supply', /./).map((path) => ({
    type: readText(sources, `${path}/type`),
    online: readNumber(sources, `${path}/online`),
    status: readText(sources, `${path}/status`),
    // A mouse has a battery, too.
    device: readText(sources, `${path}/scope`) === 'Device',
  }));
  const own = supplies.filter(({ device }) => !device);
  if (own.some(({ type, online }) => type !== 'Battery' && online === 1)) return 'mains';
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.some(({ status }) => status === 'Discharging')) return 'battery';
  return batteries.length > 0 ? 'mains' : undefined;
}

/** Time that the hypervisor gave to others, of all processors' time since boot. */
function stealPercent(sources: Sources): string | undefined {
  const times = readCpuTimes(sources);
  if (!times || times.totalTicks === 0) return undefined;
  return ((100 * times.stealTicks) / times.totalTicks).toFixed(2);
}
