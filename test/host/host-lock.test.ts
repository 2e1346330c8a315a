import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { lockHost } from '../../src/host/host-lock.ts';
import { makePlace } from './agents.ts';
import { freePort } from './sshd.ts';

const place = makePlace('host-lock');
afterAll(async () => {
  await place.closeAll();
  place.remove();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** Says something to whoever connects. */
async function somethingElse(text: string): Promise<number> {
  const server = createServer((socket) => socket.once('error', () => {}).end(text));
  onTestFinished(() => void server.close());
  return listening(server);
}

describe("a host's lock", () => {
  it('is held by one agent, which names the owner, until that agent is killed by any signal', async () => {
    const port = await freePort();
    const [first, second] = [await place.open(), await place.open()];
    expect(await lockHost(first, 'pid 7, sweep x', port)).toEqual({ state: 'held' });
    for (let asked = 0; asked < 3; asked++) {
      expect(await lockHost(second, 'me', port)).toEqual({
        state: 'taken',
        holder: 'pid 7, sweep x',
      });
    }
    process.kill(first.machine.agentPid, 'SIGKILL');
    await expect.poll(async () => (await lockHost(second, 'me', port)).state).toBe('held');
    const third = await place.open();
    expect(await lockHost(third, 'third', port)).toEqual({ state: 'taken', holder: 'me' });
  });

  it('is released when its agent is closed, and can be taken again at once', async () => {
    const port = await freePort();
    for (const name of ['first', 'second', 'third']) {
      const host = await place.open();
      expect(await lockHost(host, name, port)).toEqual({ state: 'held' });
      // Who has asked leaves a connection behind that the kernel remembers for a while.
      const other = await place.open();
      expect(await lockHost(other, 'other', port)).toEqual({ state: 'taken', holder: name });
      await Promise.all([host.close(), other.close()]);
    }
  });

  it('can be asked for its holder while a command runs there', async () => {
    const port = await freePort();
    const [busy, other] = [await place.open(), await place.open()];
    expect(await lockHost(busy, 'busy', port)).toEqual({ state: 'held' });
    const abort = new AbortController();
    const run = busy.run(place.command(['sleep', '300'], { abort: abort.signal }));
    expect(await lockHost(other, 'other', port)).toEqual({ state: 'taken', holder: 'busy' });
    abort.abort();
    await run;
  });

  it('is not inherited by what the agent has started', async () => {
    const port = await freePort();
    const [first, second] = [await place.open(), await place.open()];
    const stream = first.stream(place.command(['sleep', '300']));
    await stream.pid;
    await lockHost(first, 'first', port);
    const run = await first.run(place.shell('ls -l /proc/self/fd'));
    expect(run.stdout.toString()).not.toContain('socket:');
    await first.close();
    expect(await lockHost(second, 'second', port)).toEqual({ state: 'held' });
  });

  it('is unknown where something else uses its port, whatever that answers', async () => {
    const host = await place.open();
    for (const text of ['HTTP/1.1 400 Bad Request\r\n', '', 'x'.repeat(100_000)]) {
      expect(await lockHost(host, 'me', await somethingElse(text))).toMatchObject({
        state: 'unknown',
        reason: expect.stringMatching(/^port \d+ of 127\.0\.0\.1: ./),
      });
    }
  });

  it('is unknown after some seconds where something that does not answer uses its port', async () => {
    const server = createServer(() => {});
    onTestFinished(() => void server.close());
    const port = await listening(server);
    const lock = await lockHost(await place.open(), 'me', port);
    expect(lock).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('says nothing'),
    });
  });

  it('describes its holder in one line, without anything that a terminal would obey', async () => {
    const port = await somethingElse(
      `ipc-sweep holds this machine: a\x1b[2Jb${'c'.repeat(9999)}\n`,
    );
    const lock = await lockHost(await place.open(), 'me', port);
    expect(lock).toMatchObject({ state: 'taken', holder: expect.stringMatching(/^a \[2Jbc+$/) });
    expect(lock.state === 'taken' && lock.holder.length).toBeLessThan(300);
  });
});
