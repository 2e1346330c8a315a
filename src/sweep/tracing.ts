import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import type { Experiment } from '../experiment/load.ts';
import { cacheDirectory } from '../host/cache-directory.ts';
import { OWN_PRIVILEGE, type Privilege, sudoPrivilege } from '../host/sudo.ts';
import {
  type Chosen,
  candidates,
  checkTracers,
  chosenOf,
  preferred,
  type TracerReport,
} from '../trace/choose.ts';
import { tracerEnvironment } from '../trace/tracer-environment.ts';
import type { UserScript } from '../trace/user-scripts/attached-script.ts';
import { prepareScripts } from '../trace/user-scripts/user-scripts.ts';
import { type Asked, type Missing, missingFault, missingWith } from './missing.ts';

/** What a spec's `trace` comes to on this machine. `run`, `plan` and `validate` share it. */
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

/** Looks at this machine. Never throws for what the machine lacks: that is among the faults. */
export async function tracingFor(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
): Promise<Tracing> {
  const { trace } = experiment.document;
  const privilege = await privilegeFor(trace);
  const faults: UserError[] = [];
  const missing: Missing[] = [];

  const asked: Asked = {
    instruments: trace.instruments,
    events: trace.events,
    options: definedOptions(trace.options),
  };
  const reports = trace.tracer === 'none' ? [] : await checkTracers(privilege);
  const wanted = preferred(candidates(reports, trace.tracer, privilege));
  let chosen: Chosen;
  let granted: Asked = { instruments: [], events: false, options: {} };
  if (wanted) {
    const lacking = missingWith(asked, wanted.tracer);
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
      await noteFaults(faults, () => chosenOf(wanted, trace.tracer));
    } else if (named.length > 0 && !trace.allow_missing) {
      faults.push(missingFault(named, wanted.tracer, asked, reports));
    } else chosen = chosenOf(wanted, trace.tracer);
  }

  const scripts: UserScript[] = [];
  for (const path of experiment.scripts) {
    const refused = await noteFaults(faults, () =>
      checkScript(path, experiment.file, allow.scripts),
    );
    if (refused) continue;
    try {
      scripts.push(...(await prepareScripts([path], privilege)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!trace.allow_missing || error.exitCode !== ExitCode.machine) faults.push(error);
      else missing.push({ name: basename(path), reason: error.message });
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

/** @returns whether there was one */
async function noteFaults(faults: UserError[], check: () => unknown): Promise<boolean> {
  try {
    await check();
    return false;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    faults.push(error);
    return true;
  }
}

/** Sudo is asked only where something is to be started by it. */
async function privilegeFor({
  sudo,
  tracer,
  scripts,
}: Experiment['document']['trace']): Promise<Privilege> {
  const needed = !['none', 'strace'].includes(tracer) || scripts.length > 0;
  if (!sudo || !needed) return OWN_PRIVILEGE;
  return sudoPrivilege(cacheDirectory(process.env), process.getuid?.(), tracerEnvironment());
}

/** A spec from somebody else must not run, as root, whatever it finds on this machine. */
function checkScript(script: string, specFile: string, allowed: boolean): void {
  let real: string;
  try {
    real = realpathSync(script);
  } catch (error) {
    throw new UserError(`cannot read the script ${script}: ${(error as Error).message}`, {
      hint: "scripts are named relative to the spec's folder",
    });
  }
  const folder = `${dirname(realpathSync(specFile))}/`;
  if (!allowed && !real.startsWith(folder)) {
    throw new UserError(`the script ${real} is outside the spec's folder ${folder}`, {
      hint: 'pass --allow-scripts if you trust it',
    });
  }
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
