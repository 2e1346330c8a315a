import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ExitCode, UserError } from '../../src/errors.ts';
import { openHost } from '../../src/host/agent-host.ts';
import { agentSource, BootstrapReader, bootstrapLine } from '../../src/host/bootstrap.ts';
import { requireHostName } from '../../src/host/host-name.ts';
import { agentRefusal, SudoRefused } from '../../src/host/refusals.ts';
import { processesIn } from './agents.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-bootstrap-test-'));
afterEach(() => expect.poll(() => processesIn(folder), { timeout: 20_000 }).toEqual([]));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let homes = 0;
/** A home of its own for each test, so that the agent is missing there. */
function home(): string {
  const path = join(folder, `home-${homes++}`);
  mkdirSync(path);
  return path;
}

const PATH = process.env.PATH ?? '/usr/bin:/bin';
const installed = (program: string) => spawnSync(program, ['-c', 'exit 0']).status === 0;

/** A folder with an `ssh` that runs its last word as a login shell there would. */
function fakeSsh(script: string): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nfor last; do :; done\n${script}\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  return `${bin}${delimiter}${PATH}`;
}

async function openAndClose(name: string, environment: Readonly<Record<string, string>>) {
  const host = await openHost(name, { environment });
  const done = await host.run({
    words: ['echo', 'hi'],
    environment: { PATH },
    outputLimits: { stdout: 100, stderr: 100 },
    lingerMs: 0,
  });
  await host.close();
  return { machine: host.machine, said: done.stdout.toString() };
}

async function refused(name: string, environment: Readonly<Record<string, string>>) {
  const error = await openAndClose(name, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message, hint, exitCode } = error as UserError;
  expect(exitCode).toBe(ExitCode.machine);
  return { message, hint: hint ?? '' };
}

describe('the start of an agent', () => {
  it('is a single line that any login shell accepts in single quotes', () => {
    const script = readFileSync(new URL('../../src/host/start-agent.sh', import.meta.url), 'utf8');
    const line = bootstrapLine(agentSource(Buffer.from('text'), script), 60);
    expect(line).not.toMatch(/['\\!\n]/);
    expect(line).toContain('bytes=4; cache=');
    expect(spawnSync('sh', ['-n', '-c', line]).stderr.toString()).toBe('');
  });

  for (const shell of ['sh', 'bash', 'dash', 'zsh', 'fish', 'tcsh', 'csh', 'ksh', 'mksh']) {
    const there = installed(shell);
    it.skipIf(!there)(
      `works where ${shell} is the login shell${there ? '' : ': not installed'}`,
      async () => {
        const HOME = home();
        const environment = { HOME, PATH: fakeSsh(`exec ${shell} -c "$last"`) };
        expect(await openAndClose('board', environment)).toMatchObject({ said: 'hi\n' });
        // And once more, where the agent is already there.
        expect((await openAndClose('board', environment)).machine.cacheDir).toBe(
          join(HOME, '.cache/ipc-sweep'),
        );
      },
    );
  }

  it('passes over what a login shell prints', async () => {
    const banner = `printf 'Welcome!\\n\\nipc-sweep-agent of old\\r\\nlast login: \\377 '; echo noise >&2`;
    const environment = { HOME: home(), PATH: fakeSsh(`${banner}; exec sh -c "$last"`) };
    expect(await openAndClose('board', environment)).toMatchObject({ said: 'hi\n' });
  });

  it('leaves only the agent in the cache, and removes the files of dead ones', async () => {
    const HOME = home();
    const first = await openAndClose('local', { HOME, PATH });
    const place = join(first.machine.agentPath, '..');
    const draft = `.draft-${hostname()}-`;
    for (const name of [`${draft}999999999`, `${draft}999999999.c`, `${draft}${process.pid}`]) {
      writeFileSync(join(place, name), '');
    }
    writeFileSync(join(place, '.draft-elsewhere-999999999'), '');
    // A broken one is built again.
    writeFileSync(first.machine.agentPath, 'broken');
    await openAndClose('local', { HOME, PATH });
    expect(readdirSync(place).sort()).toEqual(
      ['.draft-elsewhere-999999999', `${draft}${process.pid}`, 'agent'].sort(),
    );
    expect(readdirSync(join(HOME, '.cache/ipc-sweep'))).toHaveLength(1);
  });

  it('may happen many times at once', async () => {
    const HOME = home();
    const all = await Promise.all(
      Array.from({ length: 5 }, () => openAndClose('local', { HOME, PATH })),
    );
    expect(new Set(all.map(({ machine }) => machine.agentPath)).size).toBe(1);
    expect(readdirSync(join(all[0]!.machine.agentPath, '..'))).toEqual(['agent']);
  });

  it('accepts odd names of folders', async () => {
    const HOME = join(home(), 'a b "c" $d; `e` \\ ü');
    mkdirSync(HOME);
    const { machine, said } = await openAndClose('local', { HOME, PATH });
    expect([machine.home, said]).toEqual([HOME, 'hi\n']);
    expect(machine.agentPath.startsWith(`${HOME}/.cache/`)).toBe(true);
  });

  it('says that there is no compiler, and what to install', async () => {
    const bin = mkdtempSync(join(folder, 'tools-'));
    for (const tool of ['sh', 'uname', 'mkdir', 'head', 'rm', 'wc', 'cat', 'mv']) {
      const at = spawnSync('sh', ['-c', `command -v ${tool}`])
        .stdout.toString()
        .trim();
      symlinkSync(at, join(bin, tool));
    }
    const { message, hint } = await refused('local', { HOME: home(), PATH: bin });
    expect(message).toBe('this machine: no C compiler: there is no `cc`');
    expect(hint).toContain('apt-get install gcc');
    const named = await refused('local', { HOME: home(), PATH, CC: 'no-such-cc -m64' });
    expect(named.message).toContain('there is no `no-such-cc`');
  });

  it('shows the message of a compiler that cannot compile the agent', async () => {
    const { message } = await refused('local', {
      HOME: home(),
      PATH,
      CC: 'cc -DLENGTH=broken -include /no/such.h',
    });
    expect(message).toMatch(/^this machine: compiling the agent failed:\n[\s\S]*no\/such\.h/);
  });

  it('says that its folder cannot be made', async () => {
    const { message, hint } = await refused('local', { HOME: '/proc', PATH });
    expect(message).toMatch(/^this machine: the agent cannot be kept: mkdir: .*\/proc/);
    expect(hint).toContain('XDG_CACHE_HOME');
  });

  const mounted = (options: string, at: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]).status === 0;
  const canMount = process.getuid?.() === 0;

  it.skipIf(!canMount)('says that the file system is mounted noexec', async () => {
    const HOME = home();
    if (!mounted('noexec', HOME)) return;
    try {
      const { message, hint } = await refused('local', { HOME, PATH });
      expect(message).toMatch(
        /^this machine: cannot run what it has built: \/.* is mounted noexec$/,
      );
      expect(hint).toBe('set XDG_CACHE_HOME to a folder on another one');
    } finally {
      spawnSync('umount', [HOME]);
    }
  });

  it.skipIf(!canMount)('says that the home is read-only, or that the disk is full', async () => {
    const HOME = home();
    if (!mounted('size=64k', HOME)) return;
    try {
      const full = await refused('local', { HOME, PATH });
      expect(full.message).toMatch(/^this machine: the agent cannot be kept: [\s\S]*No space/);
      spawnSync('mount', ['-o', 'remount,ro', HOME]);
      const only = await refused('local', { HOME, XDG_CACHE_HOME: join(HOME, 'new'), PATH });
      expect(only.message).toMatch(/cannot be kept: .*Read-only file system/);
    } finally {
      spawnSync('umount', [HOME]);
    }
  });

  it('is an error if it prints without end, or ends without output', async () => {
    const endless = { HOME: home(), PATH: fakeSsh('exec yes "a login shell that talks"') };
    expect((await refused('board', endless)).message).toMatch(/^board: /);
    const silent = { HOME: home(), PATH: fakeSsh('exit 0') };
    expect((await refused('board', silent)).message).toMatch(
      /its agent did not start.*exit code 0/,
    );
  });

  it('can be aborted', async () => {
    const abort = new AbortController();
    const environment = { HOME: home(), PATH: fakeSsh('exec sleep 300') };
    const opening = openHost('board', { environment, abort: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(opening).rejects.toMatchObject({ exitCode: ExitCode.interrupted });
  });
});

describe('the output before the agent’s first line', () => {
  const VERSION = '0123456789abcdef';

  it('is separated from it, in whatever pieces it comes, and nothing after the line is lost', () => {
    const noise = fc.stringMatching(/^[a-z \r:%$>]{0,40}$/);
    fc.assert(
      fc.property(
        fc.array(noise, { maxLength: 5 }),
        fc.uint8Array({ maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (lines, behind, at) => {
          const text = `${lines.map((line) => `${line}\n`).join('')}ipc-sweep-agent ${VERSION}\n`;
          const whole = Buffer.concat([Buffer.from(text), behind]);
          const cuts = [0, ...at.map((place) => place % text.length), whole.length].sort(
            (a, b) => a - b,
          );
          const reader = new BootstrapReader(VERSION);
          const said = cuts.slice(1).map((end, i) => reader.push(whole.subarray(cuts[i], end)));
          const last = said.at(-1);
          expect(said.slice(0, -1).every(({ state }) => state === 'waiting')).toBe(true);
          expect(last?.state).toBe('begun');
          expect(last?.state === 'begun' && last.rest.equals(Buffer.from(behind))).toBe(true);
        },
      ),
    );
  });

  it('includes a first line of another version', () => {
    const reader = new BootstrapReader(VERSION);
    expect(reader.push(Buffer.from('ipc-sweep-agent fedcba9876543210\n')).state).toBe('waiting');
    expect(reader.push(Buffer.from(`ipc-sweep-agent ${VERSION}x\n`)).state).toBe('waiting');
    expect(reader.push(Buffer.from(`ipc-sweep-agent ${VERSION} needs its text\n`)).state).toBe(
      'needs-text',
    );
  });

  it('never breaks the reader', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (pieces) => {
        const reader = new BootstrapReader(VERSION);
        for (const piece of pieces) reader.push(Buffer.from(piece));
        expect(typeof reader.text).toBe('string');
      }),
    );
  });
});

describe('a host’s name', () => {
  it('is refused when ssh would take it for an option or a command', () => {
    for (const name of [
      '',
      '-oProxyCommand=x',
      'a b',
      'a\tb',
      'a\nb',
      'a\0b',
      'a\u202eb',
      ' board',
    ]) {
      expect(() => requireHostName(name), JSON.stringify(name)).toThrow(UserError);
    }
    for (const name of [
      'local',
      'board-1',
      'root@board-2',
      'ssh://u@h:22',
      '::1',
      'bücher.example',
    ]) {
      requireHostName(name);
    }
  });
});

describe('the error message of ssh', () => {
  const said: readonly (readonly [string, RegExp, RegExp])[] = [
    ['root@b: Permission denied (publickey).', /without a password/, /ssh-copy-id root@b/],
    [
      'ssh: Could not resolve hostname b: Name or service not known',
      /no such name/,
      /~\/\.ssh\/config/,
    ],
    ['ssh: connect to host b port 22: Connection refused', /no ssh server/, /sshd/],
    ['ssh: connect to host b port 22: No route to host', /cannot be reached/, /switched on/],
    ['ssh: connect to host b port 22: Connection timed out', /cannot be reached/, /switched on/],
    [
      'No ED25519 host key is known for b and you have requested strict checking.\nHost key verification failed.',
      /not known yet/,
      /ssh root@b true/,
    ],
    [
      '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.',
      /has changed/,
      /ssh-keygen -R b\b/,
    ],
    ['something new', /ssh failed: something new/, /ssh root@b true/],
  ];
  for (const [stderr, message, hint] of said) {
    it(`leads to one thing to type: ${stderr.split('\n')[0]}`, () => {
      const error = agentRefusal({
        host: 'root@b',
        program: 'ssh',
        agentPath: undefined,
        failed: undefined,
        text: '',
        stderr,
        exitCode: 255,
        code: undefined,
        aborted: false,
      });
      expect(error.message).toMatch(/^root@b: /);
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
    });
  }

  it('is not mistaken for one of sudo where ssh was to start it', () => {
    const attempt = {
      ...{ host: 'b', program: 'ssh', agentPath: '/home/me/agent', failed: undefined },
      ...{ text: '', code: undefined, aborted: false },
    };
    const timedOut = 'ssh: connect to host b port 22: Connection timed out';
    const ofSsh = agentRefusal({ ...attempt, stderr: timedOut, exitCode: 255 });
    expect(ofSsh).not.toBeInstanceOf(SudoRefused);
    expect(ofSsh.message).toContain('Connection timed out');
    const asked = 'sudo: a password is required';
    const ofSudo = agentRefusal({ ...attempt, stderr: asked, exitCode: 1 });
    expect(ofSudo).toBeInstanceOf(SudoRefused);
    expect(ofSudo.hint).toContain('/home/me/agent');
  });

  it('is distinguished from a missing ssh', async () => {
    const nothing = mkdtempSync(join(folder, 'nothing-'));
    const { message } = await refused('board', { HOME: folder, PATH: nothing });
    expect(message).toBe('ssh is not installed');
    expect(existsSync(join(folder, '.cache'))).toBe(false);
  });
});
