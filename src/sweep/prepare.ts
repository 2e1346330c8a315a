import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { isWithoutFile } from '../experiment/standard-input.ts';
import type { Host } from '../host/host.ts';
import { HostLost } from '../host/host-lost.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import { sweepIdentity } from '../plan/identity.ts';
import { readScriptFiles, type ScriptFile } from '../trace/user-scripts/script-file.ts';
import { orFault } from './faults.ts';
import {
  claimed,
  type PreparedHost,
  type Programs,
  prepareHost,
  type Reach,
  type SurveyedHost,
  surveyHost,
} from './prepare-host.ts';

/** Everything that must be known before the first run of an experiment. */
export interface Prepared {
  /** The hosts that answer, in the order of the spec; at least one. */
  readonly hosts: readonly PreparedHost[];
  /** The hosts that do not answer. */
  readonly away: readonly { readonly name: string; readonly reason: string }[];
  /** The scripts as they were read; later changes to the files have no effect. */
  readonly scripts: readonly ScriptFile[];
  /** The identity of a sweep that is made under these conditions and that name. */
  readonly identityAs: (name: string) => string;
  readonly close: () => Promise<void>;
}

/** Whether any tracer or script is attached while the runs are made. */
export function isTraced({ hosts }: Prepared): boolean {
  return hosts.some(({ traced }) => traced);
}

/** Returns the first host that answers: all are of the same kind, and all get the same requests. */
export function firstHost({ hosts }: Prepared): PreparedHost {
  const [first] = hosts;
  if (first === undefined) throw new Error('a sweep without hosts');
  return first;
}

/** The findings of `plan` and `validate`. */
export interface Survey {
  /** Undefined when the spec names only other machines, which are not queried. */
  readonly here: Omit<SurveyedHost, 'host' | 'close'> | undefined;
  readonly notes: readonly string[];
  /** Reasons why `run` would refuse, the first one first. */
  readonly faults: readonly UserError[];
}

/** Finds out what `run` would do on this machine, and what it would refuse. */
export async function survey(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
  reach: Reach,
): Promise<Survey> {
  const faults: UserError[] = [];
  const allowed: string[] = [];
  for (const script of experiment.scripts) {
    await orFault(faults, () => {
      checkScript(script, experiment, allow.scripts);
      allowed.push(script);
    });
  }
  const scripts = (await orFault(faults, () => readScriptFiles(allowed))) ?? [];
  if (!experiment.hosts.includes(LOCAL_HOST)) return { here: undefined, notes: [], faults };
  const here = await orFault(faults, async () =>
    surveyHost(experiment, scripts, await reach.open(LOCAL_HOST), reach),
  );
  if (here === undefined) return { here, notes: [], faults };
  await here.close();
  return { here, notes: here.notes, faults: [...faults, ...here.faults] };
}

/** @throws UserError when the benchmark or the tracer is not available, or no host answers */
export async function prepare(
  experiment: Experiment,
  allow: { readonly scripts: boolean },
  reach: Reach,
): Promise<Prepared> {
  for (const script of experiment.scripts) checkScript(script, experiment, allow.scripts);
  const scripts = readScriptFiles(experiment.scripts);
  const opened = await openAll(experiment.hosts, reach);
  const reached = await Promise.allSettled(
    opened.map(async (each) => {
      if (each.status === 'rejected') throw each.reason;
      return prepareHost(experiment, scripts, each.value, reach);
    }),
  );
  const hosts = reached.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = async () => {
    await Promise.all(hosts.map((host) => host.close()));
  };
  try {
    const errors = reached.flatMap(({ status }, at) =>
      status === 'rejected'
        ? [{ name: experiment.hosts[at]!, error: (reached[at] as PromiseRejectedResult).reason }]
        : [],
    );
    const bug = errors.find(({ error }) => !isExpected(error));
    if (bug) throw bug.error;
    if (hosts.length === 0) throw errors[0]?.error;
    checkAlike(hosts);
    return {
      hosts,
      away: errors.map(({ name, error }) => ({ name, reason: (error as Error).message })),
      scripts,
      identityAs: identityOf(experiment, scripts, hosts),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens hosts side by side, and claims them one after the other in the order of the machines' own
 * names, so that two sweeps that wait never wait for each other, whatever they call the machines.
 */
async function openAll(
  names: readonly string[],
  reach: Reach,
): Promise<readonly PromiseSettledResult<Host>[]> {
  const opened = await Promise.allSettled(names.map((name) => reach.open(name)));
  const machineOf = (at: number) => {
    const each = opened[at]!;
    return each.status === 'fulfilled' ? `${each.value.machine.hostname} ${names[at]}` : '';
  };
  for (const at of [...names.keys()].sort((a, b) => (machineOf(a) < machineOf(b) ? -1 : 1))) {
    const each = opened[at]!;
    if (each.status === 'rejected') continue;
    const [claim] = await Promise.allSettled([claimed(each.value, reach)]);
    if (claim.status === 'rejected') opened[at] = claim;
  }
  return opened;
}

function isExpected(error: unknown): boolean {
  return error instanceof UserError || error instanceof HostLost;
}

/**
 * Returns what makes the identity of the sweep from its name. If it runs only on this machine, the
 * hashes of the benchmarks and of the tracing programs are part of it. With several hosts, each host's hashes are kept
 * separately (sweep_host, sweep_program), so that not all hosts need to be there to continue.
 */
function identityOf(
  experiment: Experiment,
  scripts: readonly ScriptFile[],
  hosts: readonly PreparedHost[],
): (name: string) => string {
  const { document } = experiment;
  const [only] = hosts;
  const here = experiment.hosts.length === 1 && experiment.hosts[0] === LOCAL_HOST;
  const texts = scripts.map(({ text }) => sha256(text));
  const benchmarkSha256 = here ? hashesOf(only?.programs ?? new Map()) : pathsOf(experiment);
  const traceSha256 = here ? (only?.traceProgram?.sha256 ?? '') : '';
  const programSha256 = sha256([traceSha256, ...texts].join(' '));
  return (name) =>
    sweepIdentity({ document: { ...document, name }, benchmarkSha256, programSha256 });
}

/** The hash of a single benchmark; with several, each hash with its name. */
function hashesOf(programs: Programs): string {
  return [...programs]
    .map(([name, { sha256: own }]) => (name === '' ? own : `${name} ${own}`))
    .join(' ');
}

/**
 * The path of a single benchmark, as written in the spec. Several are in the document's text, which
 * is part of the identity anyway.
 */
function pathsOf({ document: { benchmark } }: Experiment): string {
  return 'program' in benchmark ? benchmark.program : '';
}

/** Pipe states, calls and programs belong to one system, so two systems need two sweeps. */
function checkAlike(hosts: readonly PreparedHost[]): void {
  const [first] = hosts;
  for (const other of hosts) {
    const differ = (what: string, of: (host: PreparedHost) => string) => {
      if (first === undefined || of(first) === of(other)) return;
      throw new UserError(
        `the hosts of one sweep must have the same ${what}: ${first.host.name} has ${of(first)}, ${other.host.name} ${of(other)}`,
        {
          hint: 'make a sweep of each kind; `ipc-sweep compare` puts them beside each other',
          exitCode: ExitCode.machine,
        },
      );
    };
    differ('operating system', ({ host }) => host.machine.osName);
    differ('tracer', ({ chosen }) => chosen?.tracer.name ?? 'none');
    differ('instruments', ({ request }) => request.instruments.join(', ') || 'none');
  }
}

/** Keeps a spec from somebody else from running an arbitrary file of this machine as root. */
function checkScript(script: string, spec: Experiment, allowed: boolean): void {
  let real: string;
  try {
    real = realpathSync(script);
  } catch (error) {
    throw new UserError(`cannot read the script ${script}: ${(error as Error).message}`, {
      hint: "scripts are named relative to the spec's folder, or to the working folder if the spec comes from standard input",
    });
  }
  const folder = `${isWithoutFile(spec.file) ? realpathSync(spec.folder) : dirname(realpathSync(spec.file))}/`;
  if (!allowed && !real.startsWith(folder)) {
    throw new UserError(`the script ${real} is outside the spec's folder ${folder}`, {
      hint: 'pass --allow-scripts if you trust it',
    });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
