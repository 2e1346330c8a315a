import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { openHost } from '../../src/host/agent-host.ts';
import { connect } from '../../src/host/connect.ts';
import type { Host } from '../../src/host/host.ts';
import { HostLost } from '../../src/host/host-lost.ts';
import { processesIn } from './agents.ts';
import { noSshd, type Sshd, startSshd } from './sshd.ts';

const missing = noSshd();

describe.skipIf(missing)(`a host over ssh${missing ? ` (${missing})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-remote-test-'));
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({
      aliases: {
        'board-1': [],
        'wrong-user': ['User nobody'],
        'wrong-port': ['Port 1'],
        'no-such-name': ['HostName no-such-name.invalid'],
      },
      server: [`SetEnv XDG_CACHE_HOME=${folder}`, 'Banner /etc/hostname'],
    });
  });
  afterAll(async () => {
    await sshd?.stop();
    await vi.waitFor(() => expect(processesIn(folder)).toEqual([]), 20_000);
    rmSync(folder, { recursive: true, force: true });
  });

  const command = (words: readonly string[]) => ({
    words,
    environment: { PATH: '/usr/bin:/bin' },
    folder,
    outputLimits: { stdout: 1_000_000, stderr: 1000 },
    lingerMs: 0,
  });
  const open = (name = sshd.host) => openHost(name, { environment: sshd.environment });
  const refused = async (name: string) => {
    const error = await open(name).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  };
  /** The ssh that an agent is reached by. */
  const clientOf = (host: Host) => {
    const parentOf = (pid: number) =>
      Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
    // Of the agent: its keeper, then sshd's part for this session.
    return parentOf(parentOf(host.machine.agentPid));
  };

  it('runs and streams commands and keeps files as this machine does', async () => {
    const host = await open();
    expect(host.machine.cacheDir).toBe(`${folder}/ipc-sweep`);
    const done = await host.run(command(['sh', '-c', 'head -c 500000 /dev/zero; exit 3']));
    expect(done.end).toEqual({ kind: 'exited', exitCode: 3 });
    expect(done.stdout.equals(Buffer.alloc(500_000))).toBe(true);
    const streamed = host.stream(command(['echo', 'line']));
    expect(String(await streamed.stdout.toArray())).toBe('line\n');
    const path = await host.send('program.d', Buffer.alloc(2_000_000, 'x'));
    expect((await host.readFile(path, 3_000_000))?.length).toBe(2_000_000);
    await host.close();
  });

  it('is lost when the link breaks, and leaves nothing running', async () => {
    const host = await open();
    const running = host.run(command(['sh', '-c', 'setsid -f sleep 300; sleep 300']));
    await expect
      .poll(() => processesIn(folder).filter((line) => line.endsWith('sleep 300')).length)
      .toBeGreaterThanOrEqual(2);
    process.kill(clientOf(host), 'SIGKILL');
    await expect(running).rejects.toThrow(HostLost);
    await expect(running).rejects.toThrow(/^board-1 is lost: /);
    await expect.poll(() => processesIn(folder), { timeout: 20_000 }).toEqual([]);
    await host.close();
  });

  it('ends its agent by itself after a long silence, but not during a run', async () => {
    const { input, output, first, ended } = await connect(sshd.host, {
      environment: sshd.environment,
      silenceS: 1,
    });
    expect(first.length + (output.readableLength ?? 0)).toBeGreaterThanOrEqual(0);
    output.resume();
    expect(await ended).toBe('ended with exit code 0');
    input.destroy();
    // A busy machine may need a while to tell the agent of the run.
    const host = await openHost(sshd.host, { environment: sshd.environment, silenceS: 4 });
    const done = await host.run(command(['sleep', '5.5']));
    expect(done.end).toEqual({ kind: 'exited', exitCode: 0 });
    await expect.poll(() => host.lost, { timeout: 20_000 }).toBe(true);
    await host.close();
  });

  it('that cannot be reached is an error with what to type', async () => {
    const user = await refused('wrong-user');
    expect(user.message).toMatch(/^wrong-user: it does not let this user in without a password/);
    expect(user.hint).toContain('ssh-copy-id wrong-user');
    const port = await refused('wrong-port');
    expect(port.message).toMatch(/^wrong-port: no ssh server answers there/);
    const name = await refused('no-such-name');
    expect(name.message).toMatch(/^no-such-name: there is no such name/);
  });

  it('with an unknown or a changed key is not trusted', async () => {
    await sshd.changeHostKey();
    const changed = await refused(sshd.host);
    expect(changed.message).toMatch(/^board-1: its host key has changed/);
    expect(changed.hint).toContain('ssh-keygen -R board-1');
    sshd.forgetHost();
    const unknown = await refused(sshd.host);
    expect(unknown.message).toMatch(/^board-1: its host key is not known yet/);
    expect(unknown.hint).toContain('ssh board-1 true');
  });
});
