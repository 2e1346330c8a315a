import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_GUARD } from '../../src/host/guard.ts';
import { asRoot, refusal, runAsRoot, sudoPrivilege } from '../../src/host/sudo.ts';
import { startTracer } from '../../src/trace/session/start-tracer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-sudo-test-'));
const cache = join(folder, 'cache');
/** Sudo stands alone in it; the tender brings the command's own PATH. */
const environment = { PATH: join(folder, 'bin'), LC_ALL: 'C', SETTING: 'a b' };
/** Some user who is not root; what root owns is as good as the user's own. */
const USER = process.getuid?.() || 12345;

/** Puts a program in sudo's place. */
function standIn(script: string): void {
  writeFileSync(join(folder, 'bin', 'sudo'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', 'sudo'), 0o755);
}

/** As sudo: takes the environment away, and starts what stands behind `-n --`. */
const PERMISSIVE =
  '[ "$1 $2" = "-n --" ] || exit 9; shift 2; exec /usr/bin/env -i PATH=/usr/bin:/bin "$@"';

beforeAll(() => mkdirSync(join(folder, 'bin')));
beforeEach(() => standIn(PERMISSIVE));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function permitted() {
  const privilege = await sudoPrivilege(cache, USER, environment);
  if (privilege.state !== 'sudo') throw new Error(JSON.stringify(privilege));
  return privilege;
}

describe('sudo', () => {
  it('is not asked by root, nor where there is none', async () => {
    standIn('exit 1');
    expect(await sudoPrivilege(cache, 0, environment)).toEqual({ state: 'own' });
    expect(await sudoPrivilege(cache, undefined, environment)).toEqual({ state: 'own' });
  });

  it('starts commands with the environment that they were given', async () => {
    const { stdout } = await runAsRoot(
      ['sh', '-c', 'echo "$SETTING|$LC_ALL|$PATH"'],
      environment,
      await permitted(),
    );
    expect(stdout).toBe('a b|C|/usr/bin:/bin');
  });

  it('starts nothing where no privilege is asked for', () => {
    expect(asRoot(['a', 'b c'], environment, { state: 'own' })).toEqual(['a', 'b c']);
  });

  it.each([
    ['sudo: a password is required', 'sudo asks for a password', 'sudo -v'],
    ['sudo: interactive authentication is required', 'sudo asks for a password', 'sudo -v'],
    [
      'Sorry, user x is not allowed to execute "y" as root on z.',
      'no sudo rule permits it (Sorry, user x is not allowed',
      'add a rule',
    ],
    ['sudo: you must have a tty to run sudo', 'you must have a tty', 'try it: sudo -n'],
  ])('that says %j is reported', async (line, reason, mend) => {
    standIn(`echo '${line}' >&2; exit 1`);
    const privilege = await sudoPrivilege(cache, USER, environment);
    expect(privilege).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining(reason),
      mend: expect.stringContaining(mend),
    });
  });

  it('that is missing is reported', async () => {
    rmSync(join(folder, 'bin', 'sudo'));
    expect(await sudoPrivilege(cache, USER, environment)).toMatchObject({
      state: 'refused',
      reason: 'sudo is not installed',
    });
  });

  it('is not given a program that somebody else can change', async () => {
    await permitted();
    chmodSync(cache, 0o777);
    expect(await sudoPrivilege(cache, USER, environment)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining(`can change ${cache}`),
      mend: expect.stringContaining(`chmod go-w ${cache}`),
    });
    chmodSync(cache, 0o755);
  });

  it('is given a program that nobody else can change, whatever the umask', async () => {
    const before = process.umask(0o000);
    try {
      const place = join(folder, 'open');
      expect(await sudoPrivilege(place, USER, environment)).toMatchObject({ state: 'sudo' });
    } finally {
      process.umask(before);
    }
  });

  it('without a compiler is refused with what to install', async () => {
    const compiler = process.env.CC;
    process.env.CC = '/nonexistent/cc';
    try {
      expect(await sudoPrivilege(join(folder, 'empty'), USER, environment)).toMatchObject({
        state: 'refused',
        reason: expect.stringContaining('no C compiler'),
        mend: expect.stringContaining('install one'),
      });
    } finally {
      if (compiler === undefined) delete process.env.CC;
      else process.env.CC = compiler;
    }
  });

  it('has its own words in a reason that nobody foresaw', () => {
    const privilege = refusal({ stderr: 'warning\nsudo: the moon is full\n' }, '/x/tend');
    expect(privilege).toMatchObject({
      reason: 'sudo does not start /x/tend: sudo: the moon is full',
    });
  });
});

describe('a tracer that was started through sudo', () => {
  it('is signalled through its orders', async () => {
    const privilege = await permitted();
    const script = 'trap "echo heard" TERM; echo ready; while :; do sleep 0.01; done';
    const tracer = startTracer(['sh', '-c', script], environment, NO_GUARD, privilege);
    let said = '';
    tracer.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect.poll(() => said).toContain('ready');
    tracer.order('SIGTERM');
    await expect.poll(() => said).toContain('heard');
    tracer.order('SIGKILL');
    expect(await tracer).toMatchObject({ signal: 'SIGKILL' });
    // Who has ended takes no orders, and that is no error.
    tracer.order('SIGTERM');
  });
});
