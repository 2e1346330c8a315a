import { basename } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import type { Host } from '../host/host.ts';
import type { Privilege } from '../host/privilege.ts';
import {
  type Chosen,
  checkTracers,
  chosenOf,
  preferred,
  TRACERS,
  type TracerReport,
  tracerCandidates,
} from '../trace/choose.ts';
import { type Placement, placeScripts } from '../trace/user-scripts/riding/placement.ts';
import type { ScriptFile } from '../trace/user-scripts/script-file.ts';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import { prepareScripts } from '../trace/user-scripts/user-scripts.ts';
import { orFault } from './faults.ts';
import {
  type Missing,
  missingFault,
  missingWith,
  type RequestedFeatures,
  tracerFeatures,
} from './missing.ts';

/** The result of applying a spec's `trace` to a host; shared by `run`, `plan` and `validate`. */
export interface Tracing {
  /** The tracer to use, whether it is usable or not; undefined if the spec wants none. */
  readonly wanted: TracerReport | undefined;
  /** The same tracer if it is usable. */
  readonly chosen: Chosen;
  /** How tracers are started. */
  readonly privilege: Privilege;
  /** The requested features that the tracer has. */
  readonly asked: RequestedFeatures;
  readonly scripts: readonly UserScript[];
  /** How each of the scripts is attached. */
  readonly placed: readonly Placement[];
  /** Whether any tracer or script is attached in a run that is not a control. */
  readonly traced: boolean;
  /** Things that the spec or the defaults ask for and that are not available. */
  readonly missing: readonly Missing[];
  /** Reasons why `run` would refuse, the first one first. */
  readonly faults: readonly UserError[];
}

/** Examines a host. Never throws if the machine lacks something: that becomes one of the faults. */
export async function tracingOn(
  host: Host,
  privilege: Privilege,
  experiment: Experiment,
  files: readonly ScriptFile[],
): Promise<Tracing> {
  const { trace } = experiment.document;
  const { platform } = host.machine;
  const faults: UserError[] = [];
  const missing: Missing[] = [];

  const asked: RequestedFeatures = {
    instruments: trace.instruments,
    events: trace.events,
    options: definedOptions(trace.options),
  };
  const reports = trace.tracer === 'none' ? [] : await checkTracers(host, privilege);
  const wanted = preferred(tracerCandidates(reports, trace.tracer, privilege), platform);
  let chosen: Chosen;
  let granted: RequestedFeatures = { instruments: [], events: false, options: {} };
  if (wanted) {
    const abilities = tracerFeatures(wanted.tracer, platform);
    const lacking = missingWith(asked, abilities);
    const lacks = (name: string) => lacking.some((it) => it.name === name);
    granted = {
      instruments: asked.instruments.filter((name) => !lacks(name)),
      events: asked.events && !lacks('events') && !lacks('pipe-states'),
      options: lacks('options') ? {} : asked.options,
    };
    missing.push(...lacking);
    // The defaults may be more than a tracer has, but not what somebody has written down.
    const named = lacking.filter(
      ({ name }) => experiment.instrumentsNamed || name === 'events' || name === 'options',
    );
    if (wanted.availability.state !== 'usable') {
      await orFault(faults, () => chosenOf(host, wanted, trace.tracer));
    } else if (named.length > 0 && !trace.allow_missing) {
      faults.push(missingFault(named, abilities, asked, reports, platform));
    } else chosen = chosenOf(host, wanted, trace.tracer);
  }

  const scripts: UserScript[] = [];
  for (const file of files) {
    try {
      scripts.push(...(await prepareScripts(host, [file], privilege)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!trace.allow_missing || error.exitCode !== ExitCode.machine) faults.push(error);
      else missing.push({ name: basename(file.path), reason: error.message });
    }
  }
  const placed = placeScripts(scripts, {
    tracer: wanted?.tracer.name,
    attach: trace.attach,
    platform,
  });
  const skipped = trace.allow_missing ? missing.map(({ name }) => name) : [];
  const toAttach = experiment.scripts.filter((path) => !skipped.includes(basename(path)));
  return {
    ...{ wanted, chosen, privilege, asked: granted, scripts, placed, missing, faults },
    // The value once the faults are fixed.
    traced: wanted !== undefined || toAttach.length > 0,
  };
}

/** Whether to ask for sudo, which is only done if something is to be started with it. */
export function needsRoot({ sudo, tracer, scripts }: Experiment['document']['trace']): boolean {
  const wanted = TRACERS.filter(({ name }) => tracer === 'auto' || name === tracer);
  return sudo && (wanted.some((it) => it.needsRoot) || scripts.length > 0);
}

/** Options that the spec names. */
function definedOptions(
  options: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
