import type { MachineFacts } from './sources.ts';

/** A state of the machine that harms its measurements, or must be reported with them. */
export interface EnvironmentWarning {
  /** Documented in docs/environment.md. */
  readonly code: string;
  /** Names the value and the remedy. */
  readonly message: string;
}

/** A load of half the processors: one of the busy ones may well be the benchmark's own. */
const LOAD_SHARE = 0.5;
const STEAL_PERCENT = 1;

/** Clocks that are read by a system call or by port input and output, not by an instruction. */
const SLOW_CLOCK = /^(hpet|acpi_pm|jiffies|refined-jiffies|pit|HPET|ACPI-fast|ACPI-safe|i8254)$/;

/**
 * @param facts from `machineFacts`
 * @returns what to know before trusting figures, the worst first; empty on a quiet, fixed machine
 */
export function environmentWarnings(
  facts: MachineFacts,
  load: { readonly oneMinute: number; readonly processors: number },
): readonly EnvironmentWarning[] {
  const found: EnvironmentWarning[] = [];
  const warn = (code: string, message: string) => found.push({ code, message });

  const debug = facts.get('kernel_debug');
  if (debug)
    warn(
      'debug-kernel',
      `the kernel checks its own locks (${debug}), which slows every system call; boot a release kernel`,
    );

  if (facts.get('cpu0_allowed') === 'no') {
    warn(
      'processor-0-not-allowed',
      `the benchmark cannot be bound to processor 0, since only ${facts.get('cpus_allowed')} may be used here: it runs where the scheduler puts it, and steal_ns, cpu0_khz and throttle_events stay empty; allow processor 0 (a container's or service's set of processors)`,
    );
  }
  const quota = Number(facts.get('cpu_quota_processors') ?? Number.NaN);
  if (quota < load.processors) {
    warn(
      'cpu-quota',
      `a CPU quota allows the time of ${quota} of ${load.processors} processors: when it is used up, everything stops until the next period; lift it (a container's --cpus, systemd's CPUQuota), and look for runs with the doubt \`quota-throttled\``,
    );
  }
  if (load.oneMinute > load.processors * LOAD_SHARE) {
    warn(
      'other-load',
      `the load is ${load.oneMinute.toFixed(2)} on ${load.processors} processors: end what else runs, or wait`,
    );
  }
  const steal = Number(facts.get('steal_percent_since_boot') ?? 0);
  if (steal > STEAL_PERCENT) {
    warn(
      'vm-steal',
      `the hypervisor has given ${steal} % of the processors' time to others since boot; use a dedicated host, and look for runs with the doubt \`steal\``,
    );
  }
  if (facts.get('power_source') === 'battery') {
    warn('on-battery', 'the machine runs on its battery, which limits the clock; plug it in');
  }
  const governor = facts.get('cpu_governor');
  if (governor !== undefined && governor !== 'performance') {
    warn(
      'governor-not-performance',
      `the frequency governor is ${governor}: the clock follows the load; \`run --tune\` sets performance and puts it back`,
    );
  }
  if (facts.get('powerd') === 'on') {
    warn('powerd', 'powerd changes the clock with the load; stop it: service powerd onestop');
  }
  const clock = facts.get('clock_source');
  if (clock !== undefined && SLOW_CLOCK.test(clock)) {
    const choices = facts.get('clock_sources_available');
    warn(
      'clock-source',
      `the time is read from ${clock}, which takes a microsecond or more instead of some ten ns${choices ? `; the kernel also offers ${choices}` : ''}`,
    );
  }
  const throttled = Number(facts.get('cpu_throttle_events') ?? 0);
  if (throttled > 0) {
    warn(
      'throttled',
      `heat has slowed processors down ${throttled} times since boot; mend the cooling, and look for runs with the doubt \`throttled\``,
    );
  }
  if (facts.get('turbo') === 'on') {
    warn(
      'turbo-on',
      'turbo is on: the clock depends on heat and on busy neighbours; `run --tune` switches it off and puts it back',
    );
  }
  const unread = facts.get('git_unread');
  if (unread !== undefined) {
    warn(
      'git-unread',
      `the commit of the spec's repository is not stored: ${unread}; commit it where this user can read it, or note it by hand`,
    );
  }
  const hypervisor = facts.get('virtualisation');
  if (hypervisor !== undefined && hypervisor !== 'none') {
    warn(
      'virtual-machine',
      `this is a virtual machine (${hypervisor}): its host decides on clock and neighbours; compare within this machine only`,
    );
  }
  return found;
}
