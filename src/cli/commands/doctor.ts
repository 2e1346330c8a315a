import { locateBenchmark } from '../../benchmark/locate.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { captureEnvironment } from '../../execute/environment.ts';
import { triedBenchmark } from '../../execute/try-benchmark.ts';
import { currentUser } from '../../host/machine/git-state.ts';
import { machineFacts } from '../../host/machine/machine-facts.ts';
import { THIS_MACHINE } from '../../host/machine/sources.ts';
import { environmentWarnings } from '../../host/machine/warnings.ts';
import { OWN_PRIVILEGE, type Privilege, sudoPrivilege } from '../../host/sudo.ts';
import { candidates, checkTracers, type TracerReport } from '../../trace/choose.ts';
import { type Examination, examine } from '../../trace/examine.ts';
import { tracerEnvironment } from '../../trace/tracer-environment.ts';
import { cacheDirectory } from '../cache-directory.ts';
import type { Terminal } from '../terminal.ts';
import { doctorDatabase } from './doctor-database.ts';
import { doctorTune } from './doctor-tune.ts';

export interface DoctorArguments {
  readonly db: string | undefined;
  readonly tune: boolean | undefined;
  readonly json: boolean;
  readonly sudo: boolean;
}

/** Examines this machine, what `--tune` would set of it, or a database. */
export async function doctor(args: DoctorArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (args.tune) return doctorTune(args, terminal);
  if (args.db !== undefined) return doctorDatabase({ ...args, db: args.db }, terminal);
  return doctorMachine(args, terminal);
}

/** Says what this machine can trace, why not, and what to type. Exit 3 when it can trace nothing. */
async function doctorMachine(
  args: { readonly json: boolean; readonly sudo: boolean },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const environment = captureEnvironment(new Date(), '');
  const user = currentUser(process.env, process.geteuid?.());
  const warnings = environmentWarnings(await machineFacts(THIS_MACHINE, undefined, user), {
    oneMinute: environment.load1min,
    processors: environment.cpuCount,
  });
  const benchmark = await checkBenchmark();
  const tracers = [];
  const cacheDir = cacheDirectory(process.env);
  const privilege = args.sudo
    ? await sudoPrivilege(cacheDir, process.getuid?.(), tracerEnvironment())
    : OWN_PRIVILEGE;
  const reports = await checkTracers(privilege);
  for (const report of reports) tracers.push(await examined(report, cacheDir, privilege));
  const first = candidates(reports, 'auto', privilege).find(
    ({ availability }) => availability.state === 'usable',
  )?.tracer;
  const able = benchmark.usable && first !== undefined;
  if (args.json) {
    const document = {
      usable: able,
      os: `${environment.osName} ${environment.osRelease}`,
      architecture: environment.architecture,
      node: environment.nodeVersion,
      benchmark,
      tracers,
      warnings,
    };
    terminal.out(JSON.stringify(document, null, 2));
    return able ? ExitCode.ok : ExitCode.machine;
  }
  const mark = (good: boolean) =>
    good ? terminal.style('green', 'ok ') : terminal.style('red', 'no ');
  const { osName, osRelease, architecture, nodeVersion } = environment;
  terminal.out(`    ${osName} ${osRelease} ${architecture}, Node ${nodeVersion}`);
  terminal.out(
    `${mark(benchmark.usable)} bundled benchmark: ${benchmark.path || benchmark.reason}`,
  );
  if (!benchmark.usable) terminal.out(`      ${benchmark.mend}`);
  for (const tracer of tracers) {
    const version = tracer.version === null ? '' : ` ${tracer.version}`;
    const why = tracer.usable ? '' : `: ${tracer.reason}`;
    terminal.out(`${mark(tracer.usable)} ${tracer.name}${version}${why}`);
    if (!tracer.usable) terminal.out(`      ${tracer.mend}`);
    for (const line of tracer.examination ? linesOf(tracer.examination) : []) {
      terminal.out(`      ${line}`);
    }
  }
  for (const { code, message } of warnings) {
    terminal.out(`${terminal.style('yellow', '!  ')} ${code}: ${message}`);
  }
  terminal.out(
    first
      ? `\n\`tracer: auto\` takes ${first.name} here${args.sudo ? ', with `sudo: true`' : ''}`
      : `\nnothing can be traced here${args.sudo ? ' through sudo' : ''}; trace.tracer: none runs untraced`,
  );
  return able ? ExitCode.ok : ExitCode.machine;
}

async function examined(
  { tracer, availability }: TracerReport,
  cacheDir: string,
  privilege: Privilege,
) {
  const usable = availability.state === 'usable';
  return {
    name: tracer.name,
    usable,
    version: availability.version ?? null,
    reason: availability.reason,
    mend: availability.mend,
    examination: usable ? await examine(tracer, cacheDir, privilege) : null,
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

async function checkBenchmark() {
  try {
    const { path } = await locateBenchmark('bundled', cacheDirectory(process.env));
    const tried = await triedBenchmark(path);
    if (!tried) return { usable: true, path, reason: '', mend: '' };
    return { usable: false, path: '', reason: `${path}: ${tried.reason}`, mend: tried.mend };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { usable: false, path: '', reason: error.message, mend: error.hint ?? '' };
  }
}
