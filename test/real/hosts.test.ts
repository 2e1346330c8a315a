import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Ended, Workplace } from '../cli/workplace.ts';
import { processesIn } from '../host/agents.ts';
import { noSshd, type Sshd, type SshdOptions, startSshd } from '../host/sshd.ts';
import { untraceable } from './required.ts';

const noServer = noSshd();
if (noServer !== undefined && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error(`the real tests are required here, but ${noServer}`);
}
const noTrace = untraceable();
const skipped = (why: string | undefined) => (why === undefined ? '' : ` (skipped: ${why})`);

/** A process as /proc has it. */
interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
}

function allProcesses(): readonly Process[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, pid, command = '', parent] = /^(\d+) \((.*)\) \S (\d+)/s.exec(text) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), name: command, parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}

/** All processes below one, itself left out. */
function below(root: number): readonly Process[] {
  const all = allProcesses();
  const under = (pid: number): readonly Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...under(one.pid)]);
  return under(root);
}

describe.skipIf(noServer)(`a sweep on a host over ssh${skipped(noServer)}`, () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  const workplace = () => {
    const place = new Workplace();
    undo.push(() => place.remove());
    return place;
  };

  /** A board whose cache is in the workplace, unless its server's options say otherwise. */
  const boardIn = async (
    place: Workplace,
    set: Readonly<Record<string, string>> = { XDG_CACHE_HOME: place.path('board') },
    options: SshdOptions = {},
  ): Promise<Sshd> => {
    mkdirSync(place.path('board'), { recursive: true });
    const variables = Object.entries(set).map(([name, value]) => `"${name}=${value}"`);
    const sshd = await startSshd({
      ...options,
      server: [`SetEnv ${variables.join(' ')}`, ...(options.server ?? [])],
    });
    undo.push(async () => {
      await sshd.stop();
      await expect.poll(() => processesIn(place.folder)).toEqual([]);
    });
    return sshd;
  };

  const specIn = (place: Workplace, more = '', tracer = 'none', trials = 20) =>
    place.write(
      'hosts.yaml',
      `name: hosts
benchmark: { bare: true }
matrix: { buffer_size: [4KiB, 64KiB], total_size: 1MiB }
trace: { tracer: ${tracer} }
trials: ${trials}
hosts: [board-1]
${more}
`,
    );

  const environmentOf = (sshd: Sshd) => ({ PATH: `${sshd.bin}:${process.env.PATH}` });
  const sweepOn = (place: Workplace, sshd: Sshd, ...words: string[]) =>
    place.start(['run', 'hosts.yaml', ...words], environmentOf(sshd));

  const runsOf = (place: Workplace) =>
    place.query<{ cell: number; trial: number; attempt: number; state: string }>(
      'SELECT cell, trial, attempt, state FROM run_overview ORDER BY run_id',
    );
  const complete = (place: Workplace, runs: number) => {
    const all = runsOf(place);
    // Under strange load a run may be in doubt; none is missing, and none is there twice.
    const known = new Set(all.map(({ cell, trial, attempt }) => `${cell} ${trial} ${attempt}`));
    expect(known.size).toBe(all.length);
    expect(new Set(all.map(({ cell, trial }) => `${cell} ${trial}`)).size).toBe(runs);
  };
  const refusal = (ended: Ended) => {
    expect(ended.stderr).not.toContain('please report');
    return { code: ended.code, said: ended.stderr };
  };

  /** Kills the part of the server that holds the connection, as soon as something is to be seen. */
  const breakWhen = async (
    sshd: Sshd,
    sight: (names: readonly string[]) => boolean,
    ended: Promise<unknown>,
  ): Promise<boolean> => {
    let over = false;
    void ended.then(() => {
      over = true;
    });
    for (;;) {
      if (over) return false;
      const there = below(sshd.pid);
      const session = there.find(({ parent }) => parent === sshd.pid);
      if (session !== undefined && sight(there.map(({ name }) => name))) {
        process.kill(session.pid, 'SIGKILL');
        return true;
      }
      await sleep(2);
    }
  };

  it.each([
    ['its connection is made', 'bootstrap'],
    ['its agent is compiled', 'build'],
  ])('that breaks off while %s says so, and goes on when it is started again', async (_, phase) => {
    const place = workplace();
    const sshd = await boardIn(place);
    specIn(place);
    const first = sweepOn(place, sshd);
    const sight = (names: readonly string[]) =>
      phase === 'bootstrap' ? names.length > 0 : names.includes('cc1');
    expect(await breakWhen(sshd, sight, first.ended)).toBe(true);
    const { code, said } = refusal(await first.ended);
    expect(code).toBe(3);
    expect(said).toMatch(/board-1.*(ssh failed|cannot be reached|is lost|did not start)/s);
    expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
    complete(place, 40);
    expect(readdirSync(place.path('board/ipc-sweep')).join(' ')).not.toContain('draft');
  });

  it.each([
    ['a run is made', (names: readonly string[]) => names.includes('ipc-benchmark')],
    ['nothing is made', (names: readonly string[]) => !names.includes('ipc-benchmark')],
  ])('goes on when the connection breaks while %s, and makes no run twice', async (_, sight) => {
    const place = workplace();
    const sshd = await boardIn(place);
    specIn(place, 'seed: 3', 'none', 300);
    const sweep = sweepOn(place, sshd);
    await sweep.says(' runs of ');
    let breaks = 0;
    for (; breaks < 3; breaks++) {
      await sleep(100);
      if (!(await breakWhen(sshd, sight, sweep.ended))) break;
    }
    const { code, stderr } = await sweep.ended;
    expect(breaks).toBeGreaterThan(0);
    expect(stderr).toMatch(/board-1 has gone \(.*\); trying again/);
    expect(stderr).toContain('board-1 is back');
    expect(code).toBeLessThanOrEqual(1);
    complete(place, 600);
  });

  it.skipIf(noTrace)(
    'goes on when the connection breaks while a tracer attaches and while it is ended',
    async () => {
      const place = workplace();
      const sshd = await boardIn(place);
      specIn(place, '', 'bpftrace', 6);
      const sweep = sweepOn(place, sshd);
      await sweep.says(' runs of ');
      const attaching = (names: readonly string[]) => names.includes('bpftrace');
      expect(await breakWhen(sshd, attaching, sweep.ended)).toBe(true);
      await sweep.says('board-1 is back');
      // Not in the way of the sweep: it has been made by then, or it is made again.
      let seen = false;
      const closing = (names: readonly string[]) => {
        seen ||= names.includes('bpftrace') && runsOf(place).length === 12;
        return seen;
      };
      await breakWhen(sshd, closing, sweep.ended);
      expect((await sweep.ended).code).toBeLessThanOrEqual(1);
      complete(place, 12);
      await expect.poll(() => below(sshd.pid)).toEqual([]);
    },
  );

  it('sets a host aside whose key has changed on the way, and goes on when the key is accepted', async () => {
    const place = workplace();
    const sshd = await boardIn(place);
    specIn(place, 'host_patience: 8s', 'none', 1000);
    const sweep = sweepOn(place, sshd);
    await sweep.says(' runs of ');
    await expect
      .poll(() => existsSync(place.path('results/ipc-sweep.db')) && runsOf(place).length > 5)
      .toBe(true);
    await sshd.changeHostKey();
    const { code, said } = refusal(await sweep.ended);
    expect(said).toMatch(/board-1 is set aside: board-1: its host key has changed/);
    expect(said).toContain('its runs stay planned');
    expect(code).toBe(1);
    const before = runsOf(place).length;
    expect(before).toBeLessThan(2000);
    const again = refusal(await sweepOn(place, sshd).ended);
    expect(again.code).toBe(3);
    expect(again.said).toContain('ssh-keygen -R board-1');
    const key = readFileSync(join(sshd.folder, 'host_key.pub'), 'utf8');
    writeFileSync(join(sshd.folder, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${key}`);
    expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
    complete(place, 2000);
  });

  it('says what to type where the host does not let this user in', async () => {
    const place = workplace();
    const sshd = await boardIn(place, undefined, { aliases: { 'board-1': ['User nobody'] } });
    specIn(place);
    const { code, said } = refusal(await sweepOn(place, sshd).ended);
    expect(code).toBe(3);
    expect(said).toMatch(/board-1: it does not let this user in .*\nhint: .*ssh-copy-id board-1/);
  });

  /** A PATH without what is left out. */
  const pathWithout = (place: Workplace, ...absent: readonly RegExp[]) => {
    const bin = place.path('bin');
    mkdirSync(bin);
    for (const folder of ['/bin', '/usr/bin', '/usr/sbin']) {
      for (const name of readdirSync(folder)) {
        if (absent.some((pattern) => pattern.test(name)) || existsSync(join(bin, name))) continue;
        try {
          symlinkSync(join(folder, name), join(bin, name));
        } catch {
          // A link that leads nowhere is there already.
        }
      }
    }
    return bin;
  };

  it('says what to install on a host without a compiler', async () => {
    const place = workplace();
    const PATH = pathWithout(place, /cc|gcc|clang/);
    const sshd = await boardIn(place, { XDG_CACHE_HOME: place.path('board'), PATH });
    specIn(place);
    const { code, said } = refusal(await sweepOn(place, sshd).ended);
    expect(code).toBe(3);
    expect(said).toMatch(/board-1: no C compiler.*\nhint: install one: apt-get install gcc/);
  });

  it('reports a host without a tracer, and makes untraced runs where these are asked for', async () => {
    const place = workplace();
    const PATH = pathWithout(place, /bpftrace|strace|dtrace/);
    const sshd = await boardIn(place, { XDG_CACHE_HOME: place.path('board'), PATH });
    specIn(place, '', 'bpftrace', 2);
    const { code, said } = refusal(await sweepOn(place, sshd).ended);
    expect(code).toBe(3);
    expect(said).toMatch(/bpftrace.*board-1|board-1.*bpftrace/s);
    specIn(place, '', 'none', 2);
    expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
    complete(place, 4);
  });

  const mounted = (place: Workplace, name: string, options: string) => {
    const folder = place.path(name);
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'ipc-sweep-test', folder]);
    undo.push(() => execFileSync('umount', ['-l', folder]));
    return folder;
  };

  it('reports a host with a full disk, before and after its agent is there', async () => {
    const place = workplace();
    const full = mounted(place, 'full', 'size=1m');
    const sshd = await boardIn(place, { XDG_CACHE_HOME: full });
    specIn(place, '', noTrace ? 'none' : 'bpftrace', 2);
    writeFileSync(join(full, 'filling'), Buffer.alloc(1024 * 1024 - 8192));
    const first = refusal(await sweepOn(place, sshd).ended);
    expect(first.code).toBe(3);
    expect(first.said).toMatch(/board-1: .*(No space left|cannot be kept|written in whole)/s);
    writeFileSync(join(full, 'filling'), '');
    expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
    complete(place, 4);
    if (noTrace) return;
    // Now what is sent for each sweep finds no room.
    try {
      writeFileSync(join(full, 'filling'), Buffer.alloc(1024 * 1024));
    } catch {
      // It has what there was.
    }
    const later = refusal(await sweepOn(place, sshd, '--fresh').ended);
    expect(later.code).toBe(3);
    expect(later.said).toContain('board-1');
    expect(later.said).toContain('No space left');
  });

  it('says where to put the cache of a host with a read-only home', async () => {
    const place = workplace();
    const home = mounted(place, 'home', 'size=1m,ro');
    const sshd = await boardIn(place, { HOME: home });
    specIn(place);
    const { code, said } = refusal(await sweepOn(place, sshd).ended);
    expect(code).toBe(3);
    expect(said).toMatch(/board-1: the agent cannot be kept: .*Read-only/);
    expect(said).toContain('hint: set XDG_CACHE_HOME there');
  });

  it.each(['ahead', 'behind'])(
    'is made in order and within its budget on a host with a clock a year %s, even when continued',
    async (way) => {
      const place = workplace();
      const library = place.path('another-clock.so');
      const source = fileURLToPath(new URL('../fixtures/another-clock.c', import.meta.url));
      const year = 365 * 86_400 * (way === 'ahead' ? 1 : -1);
      execFileSync('cc', ['-shared', '-fPIC', `-DAHEAD_S=${year}`, '-o', library, source]);
      const set = { XDG_CACHE_HOME: place.path('board'), LD_PRELOAD: library };
      const sshd = await boardIn(place, set);
      const spec = (trials: number) => specIn(place, 'budget: 10m', 'none', trials);
      spec(3);
      expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
      const [{ at = '' } = {}] = place.query<{ at: string }>(
        'SELECT min(started_at) AS at FROM run',
      );
      expect(Math.abs(Date.parse(at) - Date.now() - year * 1000)).toBeLessThan(86_400_000);
      spec(6);
      const { code, stderr } = await sweepOn(place, sshd).ended;
      expect(stderr).not.toContain('budget');
      expect(code).toBeLessThanOrEqual(1);
      complete(place, 12);
      const order = place.query<{ ordinal: number }>('SELECT ordinal FROM run ORDER BY id');
      const later = order.slice(6).map(({ ordinal }) => ordinal);
      expect(later).toEqual([...later].sort((a, b) => a - b));
    },
  );

  const shells = ['tcsh', 'fish', 'zsh'].filter((name) => existsSync(`/usr/bin/${name}`));
  it.each(shells)('works with %s as the login shell of the host', async (shell) => {
    const place = workplace();
    const sshd = await boardIn(place, undefined, {
      server: [`ForceCommand exec ${shell} -c "$SSH_ORIGINAL_COMMAND"`],
    });
    specIn(place, '', 'none', 2);
    expect((await sweepOn(place, sshd).ended).code).toBeLessThanOrEqual(1);
    complete(place, 4);
  });

  it('ignores a banner, a chatty profile and noise on stderr', async () => {
    const place = workplace();
    const banner = place.path('banner');
    writeFileSync(banner, 'Authorized use only!\n'.repeat(50));
    const chatty = place.path('chatty');
    writeFileSync(
      chatty,
      '#!/bin/sh\necho "Welcome to board-1"\nprintf "no end of line> "\necho "stty: not a typewriter" >&2\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n',
    );
    chmodSync(chatty, 0o755);
    const sshd = await boardIn(place, undefined, {
      server: [`Banner ${banner}`, `ForceCommand ${chatty}`],
    });
    specIn(place, '', 'none', 2);
    const { code, stdout } = await sweepOn(place, sshd).ended;
    expect(code).toBeLessThanOrEqual(1);
    expect(stdout).not.toContain('Welcome');
    complete(place, 4);
  });

  it('waits for a network that goes down, and loses nothing', async () => {
    const place = workplace();
    const name = `ipcs${process.pid % 100_000}`;
    const [ours, theirs] = [`${name}a`, `${name}b`];
    const ip = (...words: string[]) => execFileSync('ip', words);
    ip('netns', 'add', name);
    undo.push(() => ip('netns', 'delete', name));
    ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
    undo.push(() => {
      if (existsSync(`/sys/class/net/${ours}`)) ip('link', 'delete', ours);
    });
    const subnet = `198.18.${process.pid % 250}`;
    ip('addr', 'add', `${subnet}.1/24`, 'dev', ours);
    ip('link', 'set', ours, 'up');
    const there = (...words: string[]) => ip('netns', 'exec', name, 'ip', ...words);
    there('addr', 'add', `${subnet}.2/24`, 'dev', theirs);
    for (const link of ['lo', theirs]) there('link', 'set', link, 'up');
    const sshd = await boardIn(place, undefined, {
      address: `${subnet}.2`,
      within: ['ip', 'netns', 'exec', name],
    });
    specIn(place, '', 'none', 1000);
    const sweep = sweepOn(place, sshd);
    const made = () => (existsSync(place.path('results/ipc-sweep.db')) ? runsOf(place).length : 0);
    await sweep.says(' runs of ');
    await expect.poll(made).toBeGreaterThan(5);
    // For a short while: nobody notices, and packets are sent again.
    ip('link', 'set', ours, 'down');
    await sleep(2000);
    const before = made();
    ip('link', 'set', ours, 'up');
    await expect.poll(made).toBeGreaterThan(before);
    // For longer: the client gives up, and nobody answers until the link is there again.
    ip('link', 'set', ours, 'down');
    const client = below(sweep.process.pid!).find(({ name: is }) => is === 'ssh');
    process.kill(client!.pid, 'SIGKILL');
    await sweep.says('board-1 has gone');
    await sleep(1500);
    ip('link', 'set', ours, 'up');
    await sweep.says('board-1 is back');
    expect((await sweep.ended).code).toBeLessThanOrEqual(1);
    complete(place, 2000);
  });
});
