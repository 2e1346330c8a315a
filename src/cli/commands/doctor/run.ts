import { locateBenchmark } from '../../../benchmark/locate.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { captureEnvironment } from '../../../execute/environment.ts';
import { triedBenchmark } from '../../../execute/try-benchmark.ts';
import { onHost } from '../../../host/build.ts';
import type { Host } from '../../../host/host.ts';
import { LOCAL_HOST } from '../../../host/host-name.ts';
import { currentUser } from '../../../host/machine/git-state.ts';
import { machineFacts } from '../../../host/machine/machine-facts.ts';
import { sourcesOf } from '../../../host/machine/sources.ts';
import { environmentWarnings } from '../../../host/machine/warnings.ts';
import { OWN_PRIVILEGE, type Privilege } from '../../../host/privilege.ts';
import type { DoctorDocument, HostReport } from '../../../report/json/doctor-schema.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { Reach } from '../../../sweep/prepare-host.ts';
import { checkTracers, type TracerReport, tracerCandidates } from '../../../trace/choose.ts';
import { type Examination, examine } from '../../../trace/examine.ts';
import { asTypedHere } from '../../own-command.ts';
import { printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';
import { givenHosts, reachOf } from '../../ways-to-hosts.ts';
import { doctorDatabase } from './database.ts';
import { doctorTune } from './tune.ts';

export interface DoctorArguments {
  readonly db: string | undefined;
  readonly tune: boolean | undefined;
  readonly json: boolean;
  readonly sudo: boolean;
  readonly host: readonly string[] | undefined;
}

/** Examines hosts, the settings that `--tune` would make there, or a database. */
export async function doctor(args: DoctorArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (args.db !== undefined) return doctorDatabase({ ...args, db: args.db }, terminal);
  const { hosts = [LOCAL_HOST] } = givenHosts(args.host);
  const reach = reachOf(process.env);
  const found: Found[] = [];
  for (const [at, name] of hosts.entries()) {
    if (hosts.length > 1 && !args.json) terminal.out(`${at > 0 ? '\n' : ''}${name}`);
    found.push(await examinedHost(name, args, reach, terminal));
  }
  if (args.json) {
    const document: DoctorDocument = {
      ...documentHead('doctor'),
      hosts: found.map(({ host, facts }) => ({ host, ...facts })),
    };
    printJson(document, terminal);
  }
  return found.findLast(({ code }) => code !== ExitCode.ok)?.code ?? ExitCode.ok;
}

interface Found {
  readonly host: string;
  readonly code: ExitCodeValue;
  /** The host's part of the JSON document. */
  readonly facts: HostReport;
}

async function examinedHost(
  name: string,
  args: DoctorArguments,
  reach: Reach,
  terminal: Terminal,
): Promise<Found> {
  const host = await reach.open(name);
  const privilege = args.sudo ? await reach.asRoot(host) : OWN_PRIVILEGE;
  try {
    if (args.tune) {
      const facts = await doctorTune(args, host, terminal);
      return { host: host.name, code: ExitCode.ok, facts };
    }
    return { host: host.name, ...(await doctorMachine(args, host, privilege, terminal)) };
  } finally {
    if (privilege.state === 'sudo') await privilege.root.close();
    await host.close();
  }
}

/** Reports what a machine can trace, why not, and what to type. Exit 3 if it can trace nothing. */
async function doctorMachine(
  args: DoctorArguments,
  host: Host,
  privilege: Privilege,
  terminal: Terminal,
): Promise<Omit<Found, 'host'>> {
  const environment = await captureEnvironment(host, new Date(), '');
  const user = currentUser(process.env, process.geteuid?.());
  const warnings = environmentWarnings(await machineFacts(sourcesOf(host), undefined, user), {
    oneMinute: environment.load1min,
    processors: environment.cpuCount,
  });
  const benchmark = await checkBenchmark(host);
  const tracers = [];
  const reports = await checkTracers(host, privilege);
  for (const report of reports) tracers.push(await examined(host, report, privilege));
  const first = tracerCandidates(reports, 'auto', privilege).find(
    ({ availability }) => availability.state === 'usable',
  )?.tracer;
  const able = benchmark.usable && first !== undefined;
  const { osName, osRelease, architecture, nodeVersion } = environment;
  const code = able ? ExitCode.ok : ExitCode.machine;
  const facts = {
    ...{ usable: able, os_name: osName, os_release: osRelease, architecture },
    node_version: nodeVersion,
    benchmark: {
      usable: benchmark.usable,
      path: benchmark.path || null,
      reason: benchmark.reason || null,
      mend: benchmark.mend || null,
    },
    tracers: tracers.map(({ name, usable, version, reason, mend, examination }) => ({
      ...{ tracer: name, usable, version, reason: reason || null, mend: mend || null },
      examination: examination && examinationJson(examination),
    })),
    warnings,
  };
  if (args.json) return { code, facts };
  const mark = (good: boolean) =>
    good ? terminal.style('green', 'ok ') : terminal.style('red', 'no ');
  terminal.out(`    ${osName} ${osRelease} ${architecture}, Node ${nodeVersion}`);
  /** Indents a text, because the output of a compiler or a tracer may have many lines. */
  const indented = (text: string) => {
    for (const line of text.split('\n')) terminal.out(`      ${line}`);
  };
  const [said = '', ...more] = (benchmark.path || benchmark.reason).split('\n');
  terminal.out(`${mark(benchmark.usable)} bundled benchmark: ${said}`);
  if (!benchmark.usable) indented([...more, benchmark.mend].join('\n'));
  for (const tracer of tracers) {
    const version = tracer.version === null ? '' : ` ${tracer.version}`;
    const why = tracer.usable ? '' : `: ${tracer.reason}`;
    terminal.out(`${mark(tracer.usable)} ${tracer.name}${version}${why}`);
    if (!tracer.usable) indented(tracer.mend);
    for (const line of tracer.examination ? linesOf(tracer.examination) : []) {
      terminal.out(`      ${line}`);
    }
  }
  for (const { code, message } of warnings) {
    terminal.out(`${terminal.style('yellow', '!  ')} ${code}: ${message}`);
  }
  terminal.out(
    first
      ? `\n\`tracer: auto\` takes ${first.name}${onHost(host) || ' here'}${args.sudo ? ', with `sudo: true`' : ''}`
      : `\nnothing can be traced${onHost(host) || ' here'}${args.sudo ? ' through sudo' : ''}; trace.tracer: none runs untraced`,
  );
  return { code, facts };
}

function examinationJson({ providers, modules, instruments, selfTest }: Examination) {
  return { providers, modules, instruments, self_test: selfTest };
}

async function examined(host: Host, { tracer, availability }: TracerReport, privilege: Privilege) {
  const usable = availability.state === 'usable';
  return {
    name: tracer.name,
    usable,
    version: availability.version ?? null,
    reason: availability.reason,
    mend: asTypedHere(availability.mend),
    examination: usable ? await examine(host, tracer, privilege) : null,
  };
}

function linesOf({ providers, modules, instruments, selfTest }: Examination): readonly string[] {
  const list = (items: readonly string[]) => items.join(', ');
  return [
    ...(modules.length > 0
      ? [
          `modules: ${list(modules.map(({ name, loaded }) => `${name} ${loaded ? 'loaded' : 'not loaded'}`))}`,
        ]
      : []),
    ...(providers.length > 0
      ? [`probes: ${list(providers.map(({ name, probes }) => `${name} ${probes || 'none'}`))}`]
      : []),
    `instruments: ${list(instruments)}`,
    `pipe self-test: ${selfTest.state} (${selfTest.detail})`,
  ];
}

async function checkBenchmark(host: Host) {
  try {
    const { path } = await locateBenchmark(host, 'bundled');
    const tried = await triedBenchmark(host, path);
    if (!tried) return { usable: true, path, reason: '', mend: '' };
    return { usable: false, path: '', reason: `${path}: ${tried.reason}`, mend: tried.mend };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { usable: false, path: '', reason: error.message, mend: error.hint ?? '' };
  }
}
