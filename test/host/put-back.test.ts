import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { NO_GUARD, startGuard } from '../../src/host/guard.ts';

const PARENT = fileURLToPath(new URL('./changing-parent.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-put-back-test-'));
const cache = join(folder, 'cache');
const governor = join(folder, 'scaling_governor');
const turbo = join(folder, 'no_turbo');
const read = (file: string) => readFileSync(file, 'utf8').trim();

beforeEach(() => {
  writeFileSync(governor, 'powersave\n');
  writeFileSync(turbo, '0\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function changed(end: string, ...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PARENT, cache, end, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout!, 'data');
  return child;
}

const BOTH = [...['file', governor, 'powersave', 'performance'], ...['file', turbo, '0', '1']];

describe('a setting that was changed is as it was', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('after %s', async (signal) => {
    const child = await changed('wait', ...BOTH);
    expect([read(governor), read(turbo)]).toEqual(['performance', '1']);
    child.kill(signal);
    await expect.poll(() => [read(governor), read(turbo)]).toEqual(['powersave', '0']);
  });

  it('after an exception that nobody caught', async () => {
    const child = await changed('throw', ...BOTH);
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).not.toBe(0);
    await expect.poll(() => [read(governor), read(turbo)]).toEqual(['powersave', '0']);
  });

  it('when the guard is closed, and no later', async () => {
    const guard = await startGuard(cache);
    guard.putBackAtEnd({ kind: 'file', target: governor, value: 'powersave' });
    writeFileSync(governor, 'performance');
    await guard.close();
    expect(read(governor)).toBe('powersave');
  });

  it('whatever the number of settings, the last change first', async () => {
    const guard = await startGuard(cache);
    for (let at = 0; at < 600; at++) {
      guard.putBackAtEnd({ kind: 'file', target: governor, value: `value ${at}` });
    }
    await guard.close();
    expect(read(governor)).toBe('value 0');
  });

  it('when it is a sysctl', async (context) => {
    // A name space of its own: nothing of this machine changes.
    const probe = spawnSync('unshare', ['-u', 'sysctl', '-q', 'kernel.domainname=probe']);
    if (probe.status !== 0) {
      if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') expect(probe.stderr.toString()).toBe('');
      return context.skip('needs root, unshare and sysctl on Linux');
    }
    const script = `set -e
sysctl -q kernel.domainname=before
${process.execPath} ${PARENT} ${cache} wait sysctl kernel.domainname before after >${folder}/said &
until [ -s ${folder}/said ]; do sleep 0.02; done
sysctl -n kernel.domainname
kill -9 $!
until [ "$(sysctl -n kernel.domainname)" = before ]; do sleep 0.02; done
echo back`;
    const ran = spawnSync('unshare', ['-u', 'sh', '-c', script], {
      encoding: 'utf8',
      timeout: 300_000,
    });
    expect(ran.stdout).toBe('after\nback\n');
  });
});

describe('the watcher', () => {
  it('writes through no link, makes no file, and goes on with the next setting', async () => {
    const [link, victim] = [join(folder, 'link'), join(folder, 'victim')];
    writeFileSync(victim, 'mine');
    symlinkSync(victim, link);
    const guard = await startGuard(cache);
    guard.putBackAtEnd({ kind: 'file', target: governor, value: 'ondemand' });
    guard.putBackAtEnd({ kind: 'file', target: link, value: 'theirs' });
    guard.putBackAtEnd({ kind: 'file', target: join(folder, 'absent'), value: 'x' });
    await guard.close();
    expect(read(victim)).toBe('mine');
    expect(existsSync(join(folder, 'absent'))).toBe(false);
    expect(read(governor)).toBe('ondemand');
  });

  it('is given only what it can keep: a path or a name, and one short line', async () => {
    const guard = await startGuard(cache);
    for (const [kind, target, value] of [
      ['file', 'relative', '1'],
      ['file', '/a b', '1'],
      ['file', '/a', '1\n+1'],
      ['file', '/a', ''],
      ['file', '/a', 'x'.repeat(600)],
      ['sysctl', 'a\tb', '1'],
    ] as const) {
      expect(() => guard.putBackAtEnd({ kind, target, value })).toThrow(/not a setting/);
    }
    await guard.close();
  });

  it('that is not there, or gone, is told before anything is changed', async () => {
    const setting = { kind: 'file', target: governor, value: '1' } as const;
    expect(() => NO_GUARD.putBackAtEnd(setting)).toThrow(UserError);
    const guard = await startGuard(cache);
    await guard.close();
    expect(() => guard.putBackAtEnd(setting)).toThrow(/nothing of this machine is changed/);
  });
});
