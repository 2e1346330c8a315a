import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, cpus, hostname, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { HostLost } from '../../src/host/host-lost.ts';
import { makePlace } from './agents.ts';

const place = makePlace('agent-host');
const { command, shell, folder } = place;
let host: Host;

beforeAll(async () => {
  host = await place.open();
});
afterAll(async () => {
  await place.closeAll();
  expect(place.processes()).toEqual([]);
  place.remove();
});

const PERL = spawnSync('perl', ['-e', '1']).status === 0;
const gone = () =>
  expect.poll(() => place.processes().filter((line) => /sleep|perl/.test(line))).toEqual([]);
const stateOf = (pid: number) =>
  /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

describe('a host', () => {
  it('has the facts that its machine reports', () => {
    const { machine } = host;
    expect(machine).toMatchObject({
      platform: process.platform,
      architecture: arch(),
      osName: 'Linux',
      osRelease: release(),
      hostname: hostname(),
      processors: cpus().length,
      user: process.getuid?.(),
      home: folder,
      cacheDir: join(folder, '.cache/ipc-sweep'),
      path: place.environment.PATH,
    });
    expect(machine.agentPath.startsWith(`${folder}/.cache/ipc-sweep/agent-`)).toBe(true);
    expect(readFileSync(`/proc/${machine.agentPid}/cmdline`, 'utf8')).toContain(machine.agentPath);
  });
});

describe('a command', () => {
  it('ends with its exit code, its output and the kernel’s account of it', async () => {
    const before = Date.now();
    const done = await host.run(shell('printf out; printf err >&2; exit 74'));
    expect(done).toMatchObject({
      end: { kind: 'exited', exitCode: 74 },
      left: { seen: 0, killed: 0, remaining: 0 },
    });
    expect([done.stdout.toString(), done.stderr.toString()]).toEqual(['out', 'err']);
    expect(done.pid).toBeGreaterThan(1);
    expect(done.wallNs).toBeGreaterThan(0);
    expect(done.startedAt.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(done.startedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(done.use?.maxRssBytes).toBeGreaterThan(100_000);
    expect(done.load1min).toBeGreaterThanOrEqual(0);
  });

  it('ends with the signal that killed it', async () => {
    const done = await host.run(shell('kill -SEGV $$'));
    expect(done.end).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
  });

  it('gets exactly the words and the environment that it was given', async () => {
    const words = ['a  b', '', 'ü\n"\'\\$x', '*'];
    const environment = { PATH: place.environment.PATH, EMPTY: '', 'ODD-1': 'ä=b\n c' };
    const echo = await host.run(command(['printf', '<%s>', ...words], { environment }));
    expect(echo.stdout.toString()).toBe(words.map((word) => `<${word}>`).join(''));
    const shown = await host.run(command(['env', '-0'], { environment }));
    expect(shown.stdout.toString().split('\0').slice(0, -1).sort()).toEqual(
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
  });

  it('starts with an empty input, in its own group and folder, with no other file open', async () => {
    const script = 'wc -c; pwd; set -- $(cat /proc/self/stat); echo $5; ls /proc/self/fd | wc -l';
    const done = await host.run(shell(script));
    // `ls` has the folder open that it lists.
    expect(done.stdout.toString().trim().split('\n')).toEqual(['0', folder, `${done.pid}`, '4']);
  });

  it('starts with no signal ignored or blocked', async () => {
    const done = await host.run(command(['grep', '^Sig\\(Ign\\|Blk\\)', '/proc/self/status']));
    const masks = [...done.stdout.toString().matchAll(/Sig\w+:\s+0*(\w*)/g)].map(
      ([, mask]) => mask,
    );
    expect(masks).toEqual(['', '']);
  });

  it('is found in its own PATH, which skips a folder that lacks it or does not permit it', async () => {
    const tools = join(folder, 'tools');
    for (const name of ['none', 'closed', 'good'])
      mkdirSync(join(tools, name), { recursive: true });
    writeFileSync(join(tools, 'closed/tool'), '#!/bin/sh\necho closed\n', { mode: 0o644 });
    writeFileSync(join(tools, 'good/tool'), '#!/bin/sh\necho good\n', { mode: 0o755 });
    const pathOf = (...names: string[]) => names.map((name) => join(tools, name)).join(':');
    const run = (PATH: string, at = folder) =>
      host.run(command(['tool'], { environment: { PATH }, folder: at }));
    expect((await run(pathOf('none', 'closed', 'good'))).stdout.toString()).toBe('good\n');
    expect((await run(pathOf('none', 'closed'))).end).toMatchObject({ code: 'EACCES' });
    expect((await run(pathOf('none'))).end).toMatchObject({ code: 'ENOENT' });
    expect((await run(`${pathOf('none')}:`, join(tools, 'good'))).stdout.toString()).toBe('good\n');
  });

  it('that does not exist is reported as not started', async () => {
    for (const words of [['no-such-program'], [join(folder, 'no/such/program')]]) {
      expect(await host.run(command(words))).toMatchObject({
        pid: undefined,
        use: undefined,
        end: { kind: 'not-started', code: 'ENOENT', reason: 'No such file or directory' },
      });
    }
    expect((await host.run(command(['true'], { folder: '/no/such/folder' }))).end).toMatchObject({
      kind: 'not-started',
      code: 'ENOENT',
    });
  });

  it('that the kernel cannot run is not handed to a shell', async () => {
    const program = join(folder, 'other-architecture');
    writeFileSync(program, 'echo I am a script without a first line\n', { mode: 0o755 });
    expect(await host.run(command([program]))).toMatchObject({
      end: { kind: 'not-started', code: 'ENOEXEC', reason: 'Exec format error' },
      pid: undefined,
    });
  });

  it('that writes more than the limit is ended, and the beginning is kept', async () => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const limits = { stdout: 100_000, stderr: 100_000 };
      const to = stream === 'stdout' ? '' : '>&2';
      const done = await host.run(shell(`exec yes ${to}`, { outputLimits: limits }));
      expect(done.end).toEqual({ kind: 'flooded', stream });
      expect(done[stream].length).toBe(100_000);
    }
  });

  it('may write exactly as much as the limit', async () => {
    const bytes = 3_000_000;
    const done = await host.run(
      shell(`head -c ${bytes} /dev/zero | tr '\\0' x`, {
        outputLimits: { stdout: bytes, stderr: 0 },
      }),
    );
    expect(done.end).toEqual({ kind: 'exited', exitCode: 0 });
    expect(done.stdout.equals(Buffer.alloc(bytes, 'x'))).toBe(true);
  });

  it('is ended at its deadline, even when it resists', async () => {
    const willing = await host.run(command(['sleep', '300'], { deadlineMs: 50 }));
    expect(willing.end).toEqual({ kind: 'timed-out' });
    expect(willing.wallNs).toBeGreaterThanOrEqual(50e6);
    let [deadlineMs, said] = [100, ''];
    // A busy machine may need more time for the shell to become deaf.
    for (; said === ''; deadlineMs *= 2) {
      const done = await host.run(
        shell('trap "" TERM; echo here; sleep 300; sleep 300', { deadlineMs }),
      );
      expect(done.end).toEqual({ kind: 'timed-out' });
      said = done.stdout.toString();
      if (said !== '') expect(done.wallNs).toBeGreaterThanOrEqual((deadlineMs + 500) * 1e6);
    }
    await gone();
  });

  it('is ended when it is aborted', async () => {
    const abort = new AbortController();
    const running = host.run(command(['sleep', '300'], { abort: abort.signal }));
    abort.abort();
    expect((await running).end).toEqual({ kind: 'aborted' });
    const early = await host.run(command(['sleep', '300'], { abort: abort.signal }));
    expect(early.end).toEqual({ kind: 'aborted' });
  });

  it('that has ended while the agent was stopped past its deadline counts as ended in time', async () => {
    const own = await place.open();
    const begun = join(folder, 'begun');
    const running = own.run(shell(`: >'${begun}'; exec sleep 0.3`, { deadlineMs: 1000 }));
    await expect.poll(() => existsSync(begun)).toBe(true);
    process.kill(own.machine.agentPid, 'SIGSTOP');
    await sleep(1500);
    process.kill(own.machine.agentPid, 'SIGCONT');
    expect((await running).end).toEqual({ kind: 'exited', exitCode: 0 });
    await own.close();
  });

  it('that is still running when the agent goes on after a stop gets the lost time back', async () => {
    const own = await place.open();
    const running = own.run(command(['sleep', '4.6'], { deadlineMs: 3000 }));
    await expect
      .poll(() => place.processes().some((line) => line.endsWith('sleep 4.6')))
      .toBe(true);
    process.kill(own.machine.agentPid, 'SIGSTOP');
    await sleep(4200);
    process.kill(own.machine.agentPid, 'SIGCONT');
    expect((await running).end).toEqual({ kind: 'exited', exitCode: 0 });
    await own.close();
  });

  it('gets back the time of a stop that was over long before its deadline', async () => {
    const own = await place.open();
    const running = own.run(command(['sleep', '6.5'], { deadlineMs: 6200 }));
    await expect
      .poll(() => place.processes().some((line) => line.endsWith('sleep 6.5')))
      .toBe(true);
    process.kill(own.machine.agentPid, 'SIGSTOP');
    await sleep(4000);
    process.kill(own.machine.agentPid, 'SIGCONT');
    expect((await running).end).toEqual({ kind: 'exited', exitCode: 0 });
    await own.close();
  });

  it('is not disturbed by questions, which are answered when it has ended', async () => {
    const order: string[] = [];
    const noted = (name: string, what: Promise<unknown>) => what.then(() => order.push(name));
    const asked = host.stat(folder);
    const run = host.run(shell('sleep 0.3'));
    const late = host.stat(folder);
    await Promise.all([noted('asked', asked), noted('run', run), noted('late', late)]);
    // The first may have been answered before the command was read.
    expect(order.filter((name) => name !== 'asked')).toEqual(['run', 'late']);
  });

  it('does not delay answers while another command only streams output', async () => {
    const abort = new AbortController();
    const tracer = host.stream(command(['sleep', '300']));
    await tracer.pid;
    const run = host.run(command(['sleep', '300'], { abort: abort.signal }));
    expect((await host.stat(folder))?.kind).toBe('folder');
    abort.abort();
    tracer.signal('SIGKILL');
    await Promise.all([run, tracer.ended]);
  });

  it('has small files read before its start and after its end', async () => {
    const file = join(folder, 'watched');
    writeFileSync(file, 'before');
    symlinkSync(folder, join(folder, 'folder-link'));
    const watch = [file, '/no/such/file', '/proc/loadavg', folder];
    const done = await host.run(shell(`printf after >'${file}'`, { watch }));
    expect(done.before.slice(0, 2)).toEqual(['before', undefined]);
    expect(done.after.slice(0, 2)).toEqual(['after', undefined]);
    for (const list of [done.before, done.after]) {
      expect(list[2]).toMatch(/^\d+\.\d+ /);
      expect(list[3]).toBeUndefined();
    }
  });

  it('has the state of a file taken before its start, which may change that file', async () => {
    const file = join(folder, 'program');
    writeFileSync(file, 'before');
    const before = await host.stat(file);
    const done = await host.run(shell(`printf longer >>'${file}'`, { program: file }));
    expect(done.program).toEqual(before);
    expect((await host.stat(file))?.sizeBytes).toBe(12);
    const absent = { ...shell(':'), words: ['/no/such/file'], program: '/no/such/file' };
    expect(await host.run(absent)).toMatchObject({
      end: { kind: 'not-started' },
      program: undefined,
    });
    expect((await host.run(shell(':'))).program).toBeUndefined();
  });

  it('has its own memory reported, not the agent’s, after much output as well', async () => {
    const before = await host.run(command(['true']));
    const limits = { stdout: 32_000_000, stderr: 0 };
    const much = 'head -c 32000000 /dev/zero';
    expect((await host.run(shell(much, { outputLimits: limits }))).stdout.length).toBe(32_000_000);
    const after = await host.run(command(['true']));
    expect(after.use?.maxRssBytes).toBeLessThan((before.use?.maxRssBytes ?? 0) + 1_500_000);
  });
});

describe('a process that a command has left behind', () => {
  it('may go on for the time that is granted', async () => {
    const done = await host.run(shell('sleep 0.3 & exit 5', { lingerMs: 20_000 }));
    expect(done).toMatchObject({
      end: { kind: 'exited', exitCode: 5 },
      left: { seen: 1, killed: 0, remaining: 0 },
    });
    expect(done.wallNs).toBeLessThan(20e9);
    await gone();
  });

  it('is killed when it stays for longer', async () => {
    const done = await host.run(shell('sleep 300 & exit 0', { lingerMs: 100 }));
    expect(done).toMatchObject({
      end: { kind: 'exited', exitCode: 0 },
      left: { seen: 1, killed: 1, remaining: 0 },
    });
    expect(place.processes().filter((line) => line.includes('sleep'))).toEqual([]);
  });

  it('can add to the output while it may stay', async () => {
    const done = await host.run(shell('(sleep 0.2; echo late) & echo early', { lingerMs: 20_000 }));
    expect(done.stdout.toString()).toBe('early\nlate\n');
  });

  it('is killed even in a session of its own', async () => {
    const done = await host.run(shell('setsid -f sleep 300; exit 0'));
    expect(done.end).toEqual({ kind: 'exited', exitCode: 0 });
    expect(done.left.remaining).toBe(0);
    expect(done.left.killed).toBeGreaterThanOrEqual(1);
    expect(place.processes().filter((line) => line.includes('sleep'))).toEqual([]);
  });

  it.skipIf(!PERL)(
    'is killed even when it has forked twice and left group and session',
    async () => {
      const daemon = join(folder, 'daemon.pl');
      writeFileSync(
        daemon,
        `use POSIX; $| = 1; pipe(R, W);
       if (fork == 0) { close R; POSIX::setsid(); if (fork == 0) { POSIX::setsid(); open(STDOUT, '>/dev/null');
         if (fork == 0) { close W; sleep 300; } syswrite(W, 'x'); close W; sleep 300; } exit 0; }
       close W; sysread(R, $_, 1); exit 9;`,
      );
      const done = await host.run(command(['perl', daemon]));
      expect(done.end).toEqual({ kind: 'exited', exitCode: 9 });
      expect(done.left).toEqual({ seen: 2, killed: 2, remaining: 0 });
      expect(place.processes().filter((line) => line.includes('perl'))).toEqual([]);
    },
  );

  it('is killed with the command at its deadline', async () => {
    const script = 'setsid sleep 300 & sleep 300 & wait';
    const done = await host.run(shell(script, { deadlineMs: 200, lingerMs: 60_000 }));
    expect(done.end).toEqual({ kind: 'timed-out' });
    expect(place.processes().filter((line) => line.includes('sleep'))).toEqual([]);
  });

  it('is not mistaken for one of another command', async () => {
    const tracer = host.stream(shell('sleep 300 & setsid -f sleep 301; echo ready; wait'));
    await new Promise((resolve) => tracer.stdout.once('data', resolve));
    const left = () =>
      place
        .processes()
        .flatMap((line) => /sleep \d+$/.exec(line)?.[0] ?? [])
        .sort();
    // A shell that has just forked is not yet the program that it will be.
    await expect.poll(left).toEqual(['sleep 300', 'sleep 301']);
    const done = await host.run(shell('sleep 302 & exit 0'));
    expect(done.left).toEqual({ seen: 1, killed: 1, remaining: 0 });
    expect(left()).toEqual(['sleep 300', 'sleep 301']);
    tracer.signal('SIGTERM');
    const ended = await tracer.ended;
    expect(ended.end).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
    expect(left()).toEqual([]);
  });
});

describe('a streamed command', () => {
  it('delivers its output while it runs, and ends', async () => {
    const streamed = host.stream(
      shell('echo one; while ! [ -e gate ]; do sleep 0.02; done; echo two >&2; exit 3'),
    );
    expect(await streamed.pid).toBeGreaterThan(1);
    const first = await new Promise<Buffer>((resolve) => streamed.stdout.once('data', resolve));
    expect(first.toString()).toBe('one\n');
    const errors: Buffer[] = [];
    streamed.stderr.on('data', (piece: Buffer) => errors.push(piece));
    writeFileSync(join(folder, 'gate'), '');
    const done = await streamed.ended;
    expect(done).toMatchObject({ end: { kind: 'exited', exitCode: 3 }, stdout: Buffer.alloc(0) });
    expect(Buffer.concat(errors).toString()).toBe('two\n');
  });

  it('that cannot be started has no pid', async () => {
    const streamed = host.stream(command(['no-such-program']));
    expect(await streamed.pid).toBeUndefined();
    expect((await streamed.ended).end).toMatchObject({ kind: 'not-started', code: 'ENOENT' });
  });

  it('that is not read waits without using memory, can still be ended, and delays no other', async () => {
    const limits = { stdout: Number.MAX_SAFE_INTEGER, stderr: 0 };
    const streamed = host.stream(command(['yes'], { outputLimits: limits, deadlineMs: 60_000 }));
    const pid = await streamed.pid;
    await expect.poll(() => stateOf(pid ?? 0)).toBe('S');
    const memory = () =>
      Number(
        /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.machine.agentPid}/status`, 'utf8'))?.[1],
      );
    expect(memory()).toBeLessThan(20_000);
    expect((await host.run(command(['true']))).end).toEqual({ kind: 'exited', exitCode: 0 });
    streamed.signal('SIGTERM');
    expect((await streamed.ended).end).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
  });

  it('that is read delivers everything in order', async () => {
    const limits = { stdout: Number.MAX_SAFE_INTEGER, stderr: 0 };
    const streamed = host.stream(command(['seq', '1', '2000000'], { outputLimits: limits }));
    let next = 1;
    let held = '';
    for await (const piece of streamed.stdout) {
      const lines = (held + piece).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) if (Number(line) !== next++) throw new Error(`${line} at ${next}`);
    }
    expect([next, held]).toEqual([2_000_001, '']);
    expect((await streamed.ended).end).toEqual({ kind: 'exited', exitCode: 0 });
  });

  it('that writes more than it may is ended', async () => {
    const limits = { stdout: 5_000_000, stderr: 0 };
    const streamed = host.stream(command(['yes'], { outputLimits: limits }));
    streamed.stdout.resume();
    expect((await streamed.ended).end).toEqual({ kind: 'flooded', stream: 'stdout' });
  });
});

describe('the files of a host', () => {
  it('are read up to a limit, and are undefined when they cannot be read', async () => {
    const large = Buffer.alloc(1_000_000, 'abc');
    writeFileSync(join(folder, 'large'), large);
    expect((await host.readFile(join(folder, 'large'), 2_000_000))?.equals(large)).toBe(true);
    expect((await host.readFile(join(folder, 'large')))?.length).toBe(65_536);
    expect((await host.readFile('/proc/self/stat'))?.length).toBeGreaterThan(20);
    spawnSync('mkfifo', [join(folder, 'fifo')]);
    for (const path of ['/no/such/file', folder, '/dev/zero', join(folder, 'fifo')]) {
      expect(await host.readFile(path), path).toBeUndefined();
    }
    writeFileSync(join(folder, 'empty'), '');
    expect((await host.readFile(join(folder, 'empty')))?.length).toBe(0);
  });

  it('are listed even when there are very many', async () => {
    const many = join(folder, 'many');
    mkdirSync(many);
    const names = Array.from({ length: 3000 }, (_, i) => `${'x'.repeat(100)} ü ${i}`);
    for (const name of names) writeFileSync(join(many, name), '');
    expect([...(await host.list(many))].sort()).toEqual(names.sort());
    expect(await host.list('/no/such/folder')).toEqual([]);
  });

  it('are described by stat(2)', async () => {
    const link = join(folder, 'link');
    writeFileSync(join(folder, 'target'), 'four', { mode: 0o640 });
    symlinkSync('target', link);
    const own = statSync(link, { bigint: true });
    const state = await host.stat(link);
    expect(state).toEqual({
      kind: 'file',
      device: own.dev,
      inode: own.ino,
      mode: Number(own.mode),
      user: Number(own.uid),
      links: 1,
      sizeBytes: 4,
      modifiedNs: own.mtimeNs,
      changedNs: own.ctimeNs,
    });
    expect((await host.stat(link, false))?.kind).toBe('link');
    expect((await host.stat(folder))?.kind).toBe('folder');
    expect((await host.stat('/dev/null'))?.kind).toBe('other');
    expect(await host.stat('/no/such/file')).toBeUndefined();
    expect(await host.realPath(link)).toBe(join(folder, 'target'));
    expect(await host.realPath('/no/such/file')).toBeUndefined();
  });

  it('that were sent are in a private folder, and are gone with the agent', async () => {
    const own = await place.open();
    const content = Buffer.from([0, 1, 2, 255]);
    const path = await own.send('program.d', content);
    expect(readFileSync(path)).toEqual(content);
    const parent = join(path, '..');
    expect([statSync(path).mode & 0o777, statSync(parent).mode & 0o777]).toEqual([0o600, 0o700]);
    await own.send('program.d', Buffer.from('again'), 0o700);
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['again', 0o700]);
    const other = await own.send('other', Buffer.alloc(3_000_000, 'z'));
    await own.discard(other);
    expect(existsSync(other)).toBe(false);
    await expect(own.discard('/etc/passwd')).rejects.toThrow('not a file that was sent');
    await expect(own.discard(`${parent}/../../x`)).rejects.toThrow('not a file that was sent');
    for (const name of ['', '.', '..', '../x', 'a/b', '/x', '.draft']) {
      await expect(own.send(name, content)).rejects.toThrow('not a plain file name');
    }
    await own.close();
    expect(existsSync(parent)).toBe(false);
  });

  it('that killed agents have left are removed by the next agent, and never through a link', async () => {
    const files = join(folder, '.cache/ipc-sweep/agent-files');
    const prefix = `${hostname().replaceAll(/[/.]/g, '-')}.`;
    const victim = join(folder, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'precious'), '');
    const dead = join(files, `${prefix}999999999.1`);
    mkdirSync(join(dead, 'inner'), { recursive: true });
    writeFileSync(join(dead, 'inner/file'), '');
    symlinkSync(victim, join(dead, 'link'));
    symlinkSync(victim, join(files, `${prefix}999999998.1`));
    const living = join(files, `${prefix}${process.pid}.1`);
    const elsewhere = join(files, 'another-machine.999999999.1');
    for (const path of [living, elsewhere]) mkdirSync(path);
    await (await place.open()).close();
    expect(existsSync(dead)).toBe(false);
    for (const path of [living, elsewhere, join(victim, 'precious')]) {
      expect(existsSync(path), path).toBe(true);
    }
  });
});

describe('the settings of a host', () => {
  it('are written only where they exist, and not through a link', async () => {
    const file = join(folder, 'setting');
    writeFileSync(file, 'a long old value');
    expect(await host.writeSetting(file, 'new')).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe('new');
    symlinkSync(file, join(folder, 'setting-link'));
    expect(await host.writeSetting(join(folder, 'setting-link'), 'x')).toMatch(/symbolic links/);
    expect(await host.writeSetting(join(folder, 'no-setting'), 'x')).toMatch(/No such file/);
    expect(existsSync(join(folder, 'no-setting'))).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('are put back at the end, the last one saved first', async () => {
    const own = await place.open();
    const [one, two] = ['one', 'two'].map((name) => join(folder, name)) as [string, string];
    for (const path of [one, two]) writeFileSync(path, 'changed');
    await own.putBackAtEnd({ kind: 'file', target: one, value: 'first' });
    await own.putBackAtEnd({ kind: 'file', target: one, value: 'second' });
    await own.putBackAtEnd({ kind: 'file', target: two, value: 'other' });
    await expect(own.putBackAtEnd({ kind: 'file', target: 'relative', value: '' })).rejects.toThrow(
      'not a setting that can be put back',
    );
    expect(readFileSync(one, 'utf8')).toBe('changed');
    await own.close();
    expect([one, two].map((path) => readFileSync(path, 'utf8'))).toEqual(['first', 'other']);
  });

  it('are put back when the agent itself is killed', async () => {
    for (const which of ['agent', 'keeper'] as const) {
      const own = await place.open();
      const file = join(folder, 'tuned');
      writeFileSync(file, 'changed');
      await own.putBackAtEnd({ kind: 'file', target: file, value: 'as it was' });
      const sent = await own.send('x', Buffer.from(''));
      const keeper = Number(
        /\) \S (\d+)/.exec(readFileSync(`/proc/${own.machine.agentPid}/stat`, 'utf8'))?.[1],
      );
      process.kill(which === 'agent' ? own.machine.agentPid : keeper, 'SIGKILL');
      await expect.poll(() => own.lost, { timeout: 20_000 }).toBe(true);
      await expect.poll(() => readFileSync(file, 'utf8')).toBe('as it was');
      await expect.poll(() => existsSync(join(sent, '..'))).toBe(false);
      await own.close();
    }
  });
});

describe('a lost host', () => {
  afterEach(gone);

  it('rejects open and later requests with a HostLost that names it', async () => {
    const own = await place.open();
    const running = own.run(shell('(setsid sleep 300 &) ; sleep 300 & sleep 300'));
    const streamed = own.stream(command(['sleep', '300']));
    await streamed.pid;
    await expect
      .poll(() => place.processes().filter((line) => line.endsWith('sleep 300')).length)
      .toBeGreaterThanOrEqual(4);
    process.kill(own.machine.agentPid, 'SIGKILL');
    await expect(running).rejects.toThrow(HostLost);
    await expect(streamed.ended).rejects.toThrow(/^local is lost: its agent ended/);
    expect(own.lost).toBe(true);
    await expect(own.run(command(['true']))).rejects.toThrow(HostLost);
    await expect(own.readFile('/etc/passwd')).rejects.toThrow(HostLost);
    await expect(own.stream(command(['true'])).ended).rejects.toThrow(HostLost);
    own.ask(1);
    await own.close();
  });

  it('that was closed has ended everything before it rejects', async () => {
    const own = await place.open();
    const running = own.run(shell('trap "" TERM; sleep 300; sleep 300'));
    running.catch(() => {});
    await expect
      .poll(() => place.processes().filter((line) => /^\d+ sleep 300$/.test(line)).length)
      .toBe(1);
    await own.close();
    await expect(running).rejects.toThrow('local is lost: it was closed');
    expect(place.processes().filter((line) => line.includes('sleep'))).toEqual([]);
    await own.close();
  });

  it('has ended by itself on TERM, with everything that it started', async () => {
    const own = await place.open();
    const running = own.run(command(['sleep', '300']));
    running.catch(() => {});
    process.kill(own.machine.agentPid, 'SIGTERM');
    await expect(running).rejects.toThrow('local is lost: its agent ended with exit code 0');
  });

  it('keeps running after the signals of a terminal', async () => {
    const own = await place.open();
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGPIPE'] as const) {
      process.kill(own.machine.agentPid, signal);
    }
    expect((await own.run(command(['true']))).end).toEqual({ kind: 'exited', exitCode: 0 });
    await own.close();
  });
});
