import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openHost } from '../../src/host/agent-host.ts';
import type { Host } from '../../src/host/host.ts';
import { sudoRefused } from '../../src/host/refusals.ts';
import { runSmall } from '../../src/host/run-small.ts';
import { sudoPrivilege } from '../../src/host/sudo.ts';
import { startTracer } from '../../src/trace/session/start-tracer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-sudo-test-'));
const cache = join(folder, 'cache');
const environment = {
  ...process.env,
  PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
  XDG_CACHE_HOME: cache,
};
/** Some user who is not root; what root owns is as good as the user's own. */
const USER = process.getuid?.() || 12345;

/** Puts a program in sudo's place. */
function standIn(script: string): void {
  writeFileSync(join(folder, 'bin', 'sudo'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', 'sudo'), 0o755);
}

/** A stand-in for sudo: takes the environment away, and starts the words after `-n --`. */
const PERMISSIVE = `[ "$1 $2" = "-n --" ] || exit 9; shift 2
exec /usr/bin/env -i PATH=/usr/bin:/bin HOME=${folder} "$@"`;

let host: Host;
/** The same host, for somebody who is not root. */
let users: Host;
beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  host = await openHost('local', { environment });
  users = {
    name: host.name,
    machine: { ...host.machine, user: USER },
    stat: host.stat.bind(host),
  } as Partial<Host> as Host;
});
beforeEach(() => standIn(PERMISSIVE));
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('sudo', () => {
  it('is not used by root', async () => {
    standIn('exit 1');
    const roots = { ...users, machine: { ...host.machine, user: 0 } };
    expect(await sudoPrivilege(roots, environment)).toEqual({ state: 'own' });
  });

  it('starts an agent that runs commands, and ends with its host', async () => {
    const privilege = await sudoPrivilege(users, environment);
    if (privilege.state !== 'sudo') throw new Error(JSON.stringify(privilege));
    const said = await runSmall(privilege.root, { words: ['sh', '-c', 'echo "$LC_ALL"; id -u'] });
    expect(said.stdout).toBe(`C\n${process.getuid?.()}`);
    await privilege.root.close();
  });

  it.each([
    ['sudo: a password is required', 'sudo asks for a password', 'sudo -v'],
    ['sudo: interactive authentication is required', 'sudo asks for a password', 'sudo -v'],
    [
      'Sorry, user x is not allowed to execute "y" as root on z.',
      'no sudo rule permits it',
      'add a rule',
    ],
    ['sudo: you must have a tty to run sudo', 'you must have a tty', 'add a rule'],
  ])('that prints %j is reported', async (line, reason, mend) => {
    standIn(`echo '${line}' >&2; exit 1`);
    expect(await sudoPrivilege(users, environment)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining(reason),
      mend: expect.stringContaining(mend),
    });
  });

  it('that is missing is reported', async () => {
    const alone = { ...environment, PATH: join(folder, 'bin') };
    rmSync(join(folder, 'bin', 'sudo'));
    expect(await sudoPrivilege(users, alone)).toMatchObject({
      state: 'refused',
      reason: 'sudo is not installed',
    });
  });

  it('does not start a program that somebody else can change', async () => {
    chmodSync(cache, 0o777);
    expect(await sudoPrivilege(users, environment)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining(`can change ${cache}`),
      mend: expect.stringContaining(`chmod go-w ${cache}`),
    });
    chmodSync(cache, 0o755);
  });

  it('is quoted when it gives an unexpected reason', () => {
    expect(sudoRefused('local', 'warning\nsudo: the moon is full\n')).toMatchObject({
      reason: 'sudo does not start the agent: sudo: the moon is full',
    });
  });
});

describe('a tracer on a host', () => {
  it('gets signals through its agent, and none after it has ended', async () => {
    const script = 'trap "echo heard" TERM; echo ready; while :; do sleep 0.01; done';
    const tracer = startTracer(host, ['sh', '-c', script], { PATH: '/usr/bin:/bin' });
    let said = '';
    tracer.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect.poll(() => said, { timeout: 20_000 }).toContain('ready');
    tracer.order('SIGTERM');
    await expect.poll(() => said, { timeout: 20_000 }).toContain('heard');
    tracer.order('SIGKILL');
    expect(await tracer).toMatchObject({ signal: 'SIGKILL' });
    tracer.order('SIGTERM');
  });
});
