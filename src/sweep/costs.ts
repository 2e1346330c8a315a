import type { ExperimentDocument } from '../experiment/schema.ts';
import type { SweepCosts } from '../plan/estimate.ts';
import { tracerOfScript } from '../trace/choose.ts';
import type { Tracer } from '../trace/tracer.ts';

/** How the runs of a sweep are traced on a host. */
export interface TracedWith {
  /** If undefined, no tracer is attached. */
  readonly tracer: Tracer | undefined;
  /** Paths of those scripts of the user's that are attached to each traced run by themselves. */
  readonly scripts: readonly string[];
  readonly platform: NodeJS.Platform;
}

/** Tells whether the tracer is attached anew for each traced run. */
export function attachesPerRun(
  { attach }: ExperimentDocument['trace'],
  { scripts, platform }: Pick<TracedWith, 'scripts' | 'platform'>,
): boolean {
  // On FreeBSD, a consumer that ends can take system-call probes away from one that is still
  // running.
  return attach === 'per-run' || (scripts.length > 0 && platform === 'freebsd');
}

/** Returns what is known about the costs of a host's runs before any has been made. */
export function sweepCosts(document: ExperimentDocument, traced: TracedWith): SweepCosts {
  const { tracer, scripts, platform } = traced;
  const ofScripts = scripts.map((path) => tracerOfScript(path)?.costOn(platform).scriptSeconds);
  return {
    options: document.benchmark,
    timeout: document.timeout,
    tracer: tracer?.costOn(platform),
    attachPerRun: attachesPerRun(document.trace, traced),
    scriptSeconds: ofScripts.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0),
  };
}
