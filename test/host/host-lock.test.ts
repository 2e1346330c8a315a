import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockHost, untilReleased } from '../../src/host/host-lock.ts';

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A process that holds the lock until it is killed. */
async function holder(port: number) {
  const lock = new URL('../../dist/host/host-lock.js', import.meta.url).href;
  const text = `import { lockHost } from ${JSON.stringify(lock)};
    console.log((await lockHost('pid 7, sweep x', ${port})).state);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await new Promise<string>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(String(data).trim()));
  });
  expect(said).toBe('held');
  return child;
}

describe("a host's lock", () => {
  it('is had by one process, which says who it is, until it is killed by whatever signal', async () => {
    const port = await freePort();
    const child = await holder(port);
    expect(await lockHost('me', port)).toEqual({ state: 'taken', holder: 'pid 7, sweep x' });
    const released = untilReleased(port);
    child.kill('SIGKILL');
    await released;
    await expect
      .poll(async () => {
        const lock = await lockHost('me', port);
        if (lock.state === 'held') lock.release();
        return lock.state;
      })
      .toBe('held');
  });

  it('is let go at once, and those who wait are told', async () => {
    const port = await freePort();
    const first = await lockHost('first', port);
    if (first.state !== 'held') throw new Error(first.state);
    const waiting = [untilReleased(port), untilReleased(port)];
    expect(await lockHost('second', port)).toMatchObject({ state: 'taken', holder: 'first' });
    first.release();
    await Promise.all(waiting);
    const second = await lockHost('second', port);
    expect(second.state).toBe('held');
    if (second.state === 'held') second.release();
  });

  it('is not known where something else has its port, whatever that says', async () => {
    for (const text of ['HTTP/1.1 400 Bad Request\r\n', '', 'x'.repeat(100_000)]) {
      const other = createServer((socket) => socket.once('error', () => {}).end(text));
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as { port: number };
      expect(await lockHost('me', port)).toMatchObject({ state: 'unknown' });
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('tells of a holder nothing that a terminal would obey, and not more than a line', async () => {
    const other = createServer((socket) =>
      socket
        .once('error', () => {})
        .end(`ipc-sweep holds this machine: a\x1b[2Jb${'c'.repeat(9999)}\n`),
    );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const lock = await lockHost('me', port);
    expect(lock).toMatchObject({ state: 'taken', holder: expect.stringMatching(/^a \[2Jbc+$/) });
    expect(lock.state === 'taken' && lock.holder.length).toBeLessThan(300);
    await new Promise((resolve) => other.close(resolve));
  });

  it('of port 0 keeps nobody out', async () => {
    const [a, b] = [await lockHost('a', 0), await lockHost('b', 0)];
    expect([a.state, b.state]).toEqual(['held', 'held']);
    for (const lock of [a, b]) if (lock.state === 'held') lock.release();
  });
});
