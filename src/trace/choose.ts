import { ExitCode, UserError } from '../errors.ts';
import type { TracerChoice } from '../spec/trace-schema.ts';
import { bpftrace } from './bpftrace.ts';
import { dtrace } from './dtrace.ts';
import { strace } from './strace.ts';
import type { Availability, Tracer } from './tracer.ts';

/** Every tracer there is, the preferred one first. */
export const TRACERS: readonly Tracer[] = [dtrace, bpftrace, strace];

export interface TracerReport {
  readonly tracer: Tracer;
  readonly availability: Availability;
}

export async function checkTracers(): Promise<readonly TracerReport[]> {
  return Promise.all(
    TRACERS.map(async (tracer) => ({ tracer, availability: await tracer.check() })),
  );
}

/** A tracer that can be used now; undefined for `none`. */
export type Chosen = { readonly tracer: Tracer; readonly version: string } | undefined;

/** @throws UserError with the one thing to install or type when no tracer can be used */
export async function chooseTracer(choice: TracerChoice): Promise<Chosen> {
  if (choice === 'none') return undefined;
  const reports = await checkTracers();
  const wanted = reports.filter(({ tracer }) => choice === 'auto' || tracer.name === choice);
  const usable = wanted.find(({ availability }) => availability.state === 'usable');
  if (usable) {
    return { tracer: usable.tracer, version: usable.availability.version ?? 'unknown' };
  }
  const best = wanted[0];
  throw new UserError(
    best
      ? `runs cannot be traced: ${best.availability.reason}`
      : `runs cannot be traced: ${choice} is not supported`,
    {
      hint: `${best ? `${best.availability.mend}; or ` : ''}set trace.tracer: none to run untraced; \`ipc-sweep doctor\` says more`,
      exitCode: ExitCode.machine,
    },
  );
}
