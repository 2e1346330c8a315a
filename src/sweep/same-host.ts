import { ExitCode, UserError } from '../errors.ts';
import { onHost } from '../host/build.ts';
import type { Db } from '../store/open.ts';
import { machinesOf, recordSweepHost, type SweepHost, sweepHosts } from '../store/sweep-hosts.ts';
import type { PreparedHost } from './prepare-host.ts';

/**
 * Checks that a host is still the same machine with the same benchmark and programs: figures of two
 * machines must not be mixed in one median.
 * @param mayMove whether it may be another machine, which the caller has looked at
 * @throws UserError naming what differs
 */
export function requireSameHost(
  db: Db,
  sweepId: number,
  prepared: PreparedHost,
  mayMove = false,
): void {
  const { host, programs, traceProgram } = prepared;
  const only = programs.get('');
  const now = {
    name: host.name,
    machine: host.machine.hostname,
    benchmarkPath: only?.path ?? '',
    benchmarkSha256: only?.sha256 ?? '',
    programs: [...programs].flatMap(([name, { path, sha256 }]) =>
      name === '' ? [] : [{ name, path, sha256 }],
    ),
    traceProgramSha256: traceProgram?.sha256 ?? '',
  };
  const hosts = sweepHosts(db, sweepId);
  const before = hosts.get(host.name);
  // A sweep of version 0.1 identifies its machines only by its environments.
  const machines = before ? [before.machine] : hosts.size === 0 ? machinesOf(db, sweepId) : [];
  const other = machines.find((machine) => machine !== now.machine);
  if (other !== undefined && !mayMove) {
    throw new UserError(
      `this sweep was begun on ${other}, but ${host.name} is ${now.machine} now, and figures of two machines must not be mixed`,
      {
        hint: 'go on there, or start a new sweep here with --fresh; with `assign: every-host` each host has cells of its own',
        exitCode: ExitCode.machine,
      },
    );
  }
  const hashes = (of: SweepHost) => [
    ['benchmark', of.benchmarkSha256] as const,
    ...of.programs.map(({ name, sha256 }) => [`benchmark ${name}`, sha256] as const),
    ['tracing program', of.traceProgramSha256] as const,
  ];
  const known = new Map(before && hashes(before));
  for (const [what, sha256] of hashes(now)) {
    if (before === undefined || known.get(what) === sha256) continue;
    throw new UserError(
      `the ${what}${onHost(host) || ' here'} is not the one with which this sweep was begun`,
      {
        hint: 'put the old one back, or start a new sweep with --fresh',
        exitCode: ExitCode.machine,
      },
    );
  }
  recordSweepHost(db, sweepId, now);
}
