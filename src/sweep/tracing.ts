import { basename } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import type { Experiment } from '../experiment/load.ts';
import type { Host } from '../host/host.ts';
import type { Privilege } from '../host/privilege.ts';
import {
  type Chosen,
  candidates,
  checkTracers,
  chosenOf,
  preferred,
  TRACERS,
  type TracerReport,
} from '../trace/choose.ts';
import type { ScriptFile } from '../trace/user-scripts/script-file.ts';
import type { UserScript } from '../trace/user-scripts/user-script.ts';
import { prepareScripts } from '../trace/user-scripts/user-scripts.ts';
import { orFault } from './faults.ts';
import { type Asked, abilitiesOf, type Missing, missingFault, missingWith } from './missing.ts';

/** What a spec's `trace` comes to on a host. `run`, `plan` and `validate` share it. */
export interface Tracing {
  /** The tracer to take, whether it can be used or not; undefined: the spec wants none. */
  readonly wanted: TracerReport | undefined;
  /** The same when it can be used. */
  readonly chosen: Chosen;
  /** How tracers are started. */
  readonly privilege: Privilege;
  /** What the tracer is asked: of what the spec asks, what it has. */
  readonly asked: Asked;
  readonly scripts: readonly UserScript[];
  /** Whether anything looks into the kernel in a run that is no control. */
  readonly traced: boolean;
  /** What the spec asks for, or the defaults, and cannot be had. */
  readonly missing: readonly Missing[];
  /** Why `run` would refuse, the first first. */
  readonly faults: readonly UserError[];
}

/** Looks at a host. Never throws for what the machine lacks: that is among the faults. */
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

  const asked: Asked = {
    instruments: trace.instruments,
    events: trace.events,
    options: definedOptions(trace.options),
  };
  const reports = trace.tracer === 'none' ? [] : await checkTracers(host, privilege);
  const wanted = preferred(candidates(reports, trace.tracer, privilege), platform);
  let chosen: Chosen;
  let granted: Asked = { instruments: [], events: false, options: {} };
  if (wanted) {
    const abilities = abilitiesOf(wanted.tracer, platform);
    const lacking = missingWith(asked, abilities);
    const lacks = (name: string) => lacking.some((it) => it.name === name);
    granted = {
      instruments: asked.instruments.filter((name) => !lacks(name)),
      events: asked.events && !lacks('events') && !lacks('pipe-states'),
      options: lacks('options') ? {} : asked.options,
    };
    missing.push(...lacking);
    // The defaults may be more than a tracer has; what somebody has written down may not.
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
  const skipped = trace.allow_missing ? missing.map(({ name }) => name) : [];
  const toAttach = experiment.scripts.filter((path) => !skipped.includes(basename(path)));
  return {
    ...{ wanted, chosen, privilege, asked: granted, scripts, missing, faults },
    // As it will be when the faults are mended.
    traced: wanted !== undefined || toAttach.length > 0,
  };
}

/** Sudo is asked only where something is to be started by it. */
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
