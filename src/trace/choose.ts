import { ExitCode, UserError } from '../errors.ts';
import type { TracerChoice } from '../experiment/trace-schema.ts';
import { onHost } from '../host/build.ts';
import type { Host } from '../host/host.ts';
import { OWN_PRIVILEGE, type Privilege } from '../host/privilege.ts';
import { bpftrace } from './bpftrace/bpftrace.ts';
import { dtrace } from './dtrace/dtrace.ts';
import { strace } from './strace/strace.ts';
import type { Availability, Tracer } from './tracer.ts';

/** All tracers, the preferred one first. */
export const TRACERS: readonly Tracer[] = [dtrace, bpftrace, strace];

export interface TracerReport {
  readonly tracer: Tracer;
  readonly availability: Availability;
}

export async function checkTracers(
  host: Host,
  privilege: Privilege = OWN_PRIVILEGE,
): Promise<readonly TracerReport[]> {
  return Promise.all(
    TRACERS.map(async (tracer) => ({ tracer, availability: await tracer.check(host, privilege) })),
  );
}

/** A tracer that can be used now; undefined for `none`. */
export type Chosen = { readonly tracer: Tracer; readonly version: string } | undefined;

/** @throws UserError with the one thing to install or type when the tracer cannot be used */
export function chosenOf(
  host: Pick<Host, 'name'>,
  best: TracerReport | undefined,
  choice: TracerChoice,
): Chosen {
  if (best?.availability.state === 'usable') {
    return { tracer: best.tracer, version: best.availability.version ?? 'unknown' };
  }
  throw new UserError(
    best
      ? `runs cannot be traced${onHost(host)}: ${best.availability.reason}`
      : `runs cannot be traced${onHost(host)}: ${choice} is not supported`,
    {
      hint: `${best ? `${best.availability.mend}; or ` : ''}set trace.tracer: none to run untraced; \`ipc-sweep doctor\` says more`,
      exitCode: ExitCode.machine,
    },
  );
}

/** The tracers that a choice leaves, the preferred one first. */
export function tracerCandidates(
  reports: readonly TracerReport[],
  choice: TracerChoice,
  privilege: Privilege,
): readonly TracerReport[] {
  if (choice !== 'auto') return reports.filter(({ tracer }) => tracer.name === choice);
  // With sudo requested, skip strace: it is the fallback for users without root.
  return reports.filter(({ tracer }) => privilege.state === 'own' || tracer.needsRoot);
}

/**
 * Returns the tracer to use: the first usable one, else the first one that is there, else the one
 * to install. Every Linux has a package of bpftrace, and hardly any has one of dtrace.
 */
export function preferred(
  reports: readonly TracerReport[],
  platform: NodeJS.Platform,
): TracerReport | undefined {
  return (
    reports.find(({ availability }) => availability.state === 'usable') ??
    reports.find(({ availability }) => availability.version !== undefined) ??
    reports.find(({ tracer }) => platform === 'linux' && tracer === bpftrace) ??
    reports[0]
  );
}

/** Guesses the tracer that a host has, without asking the host; undefined if none is wanted. */
export function likelyTracer(choice: TracerChoice, platform: NodeJS.Platform): Tracer | undefined {
  if (choice === 'none') return undefined;
  const unknown: Availability = { state: 'unusable', version: undefined, reason: '', mend: '' };
  const reports = TRACERS.map((tracer) => ({ tracer, availability: unknown }));
  return preferred(tracerCandidates(reports, choice, OWN_PRIVILEGE), platform)?.tracer;
}

/** Returns the tracer that runs one of the user's scripts, judged by the file's name. */
export function tracerOfScript(path: string): Tracer | undefined {
  return TRACERS.find(({ scripts }) => scripts !== undefined && path.endsWith(scripts));
}
