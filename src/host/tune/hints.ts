import type { MachineFacts } from '../machine/sources.ts';

/**
 * A change that would make figures steadier, too, but that ipc-sweep never makes: it needs a reboot
 * or a decision of the user's.
 */
export interface TuneHint {
  readonly code: string;
  readonly message: string;
}

/** @param facts from `machineFacts` */
export function tuneHints(facts: MachineFacts, platform: NodeJS.Platform): readonly TuneHint[] {
  const hints: TuneHint[] = [];
  const hint = (code: string, message: string) => hints.push({ code, message });
  const virtualisation = facts.get('virtualisation');
  if (virtualisation !== undefined && virtualisation !== 'none') {
    hint(
      'virtual-machine',
      `this is a virtual machine (${virtualisation}): clock, turbo and idle states are its host's`,
    );
  }
  if (facts.get('powerd') === 'on') {
    hint('powerd', 'powerd sets the frequency; `service powerd onestop` leaves it to `run --tune`');
  }
  const aslr = facts.get('aslr');
  if (aslr !== undefined) {
    const name = platform === 'linux' ? 'kernel.randomize_va_space' : 'kern.elf64.aslr.enable';
    hint(
      'aslr',
      `${name} is ${aslr}. Leave it so: with a new memory layout in each run, the spread over runs shows what the layout does; with a fixed one, all figures depend on the luck of one layout`,
    );
  }
  if (platform === 'linux') {
    const isolated = facts.get('cpu_isolated') ?? 'none';
    hint(
      'isolation',
      `isolated processors: ${isolated}. The benchmark binds itself to processor 0: the boot parameter isolcpus=0 keeps other programs away from it, and irqaffinity=1-N keeps interrupts away; nohz_full does not take the boot processor on most kernels`,
    );
  }
  if (platform === 'freebsd') {
    hint(
      'isolation',
      'the benchmark binds itself to processor 0: `cpuset -l 1-N -p PID` moves another busy program away from it',
    );
  }
  if (facts.get('smt') === 'on') {
    const how =
      platform === 'linux'
        ? 'boot with nosmt, or echo off > /sys/devices/system/cpu/smt/control'
        : 'machdep.hyperthreading_allowed=0 in /boot/loader.conf';
    hint('smt', `a second thread shares the core of processor 0: ${how}`);
  }
  return hints;
}
