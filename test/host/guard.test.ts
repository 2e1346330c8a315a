import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { killGroup } from '../../src/host/groups.ts';
import { NO_GUARD, startGuard } from '../../src/host/guard.ts';

const PARENT = fileURLToPath(new URL('./guarded-parent.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-guard-test-'));
const cache = join(folder, 'cache');

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly words: string;
}

function fromProc<T>(read: (pid: string, group: number) => T[]): T[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return read(pid, Number(/\) \S \d+ (\d+)/.exec(stat)?.[1]));
      } catch {
        return [];
      }
    });
}

/** Living processes that work in the test's folder. */
function processes(): Process[] {
  return fromProc((pid, group) => {
    if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return [];
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return [{ pid: Number(pid), group, words }];
  });
}

/** Members of groups, zombies too. */
const members = (of: readonly number[]) =>
  fromProc((pid, group) => (of.includes(group) ? [pid] : []));

interface Parent {
  readonly process: ChildProcess;
  /** Process groups that it said it had started. */
  readonly groups: () => number[];
  readonly kill: () => Promise<void>;
}

async function parent(mode: 'steady' | 'churn' | 'release' | 'close'): Promise<Parent> {
  const child = spawn(process.execPath, [PARENT, cache, mode], {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  while (!said.includes('ready')) {
    if (child.exitCode !== null) throw new Error('the parent ended too early');
    await sleep(2);
  }
  return {
    process: child,
    groups: () => [...said.matchAll(/^(\d+)$/gm)].map(([pid]) => Number(pid)),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

const soon = <T>(look: () => T) => expect.poll(look, { interval: 5 });
const nobody = (groups: readonly number[] = []) =>
  soon(() => [...processes(), ...members(groups)]).toEqual([]);

beforeAll(async () => {
  await (await startGuard(cache)).close();
});
afterEach(() => {
  for (const { pid } of processes()) process.kill(pid, 'SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('after kill -9 of the process that started them', () => {
  it('commands, their children and the watcher are gone, and no file is left', async () => {
    const { groups, kill } = await parent('steady');
    expect(groups()).toHaveLength(2);
    await soon(() => groups().map((group) => members([group]).length)).toEqual([2, 2]);
    const running = processes();
    for (const group of groups()) {
      // Each leads its group, under its own name: nothing stands between.
      expect(running.find(({ pid }) => pid === group)?.words).toMatch(/^sh -c /);
    }
    const watchers = running.filter(({ words }) => words.includes('guard watch'));
    expect(watchers).toHaveLength(1);
    await kill();
    await nobody([...groups(), watchers[0]!.pid]);
    expect(readdirSync(folder)).toEqual(['cache']);
  });

  it('so is a command that was being started in that instant', async () => {
    const started: number[] = [];
    const lane = async () => {
      for (let time = 0; time < 6; time++) {
        const { groups, kill } = await parent('churn');
        while (groups().length === 0) await sleep(1);
        await sleep(Math.random() * 15);
        await kill();
        started.push(...groups());
      }
    };
    await Promise.all(Array.from({ length: 5 }, lane));
    await nobody(started);
    expect(started.length).toBeGreaterThanOrEqual(30);
  });

  it('a group that was released lives on', async () => {
    const { groups, kill } = await parent('release');
    await kill();
    await soon(() => processes().filter(({ words }) => words.includes('guard watch'))).toEqual([]);
    expect([...new Set(processes().map(({ group }) => group))].sort()).toEqual(groups().sort());
    for (const group of groups()) killGroup(group, 'SIGKILL');
    await nobody();
  });
});

describe('the watcher', () => {
  it('ends when it is closed, and then every group that is not released, too', async () => {
    const { process: child, kill } = await parent('close');
    await soon(() => processes().map(({ pid }) => pid)).toEqual([child.pid]);
    await kill();
  });

  it('is not ended by what ends its ipc-sweep from a terminal, and outlived by no command', async () => {
    const { kill } = await parent('steady');
    const watcher = processes().find(({ words }) => words.includes('guard watch'))!;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(watcher.pid, signal);
    }
    await sleep(20);
    expect(processes().some(({ pid }) => pid === watcher.pid)).toBe(true);
    await kill();
    await nobody();
  });

  it('is not left behind by an ipc-sweep that is killed before it has opened its end', async () => {
    const fifo = join(folder, 'registry');
    const [folderOfProgram = ''] = readdirSync(cache);
    const program = join(cache, folderOfProgram, 'guard');
    const killed = spawnSync(
      'sh',
      ['-c', '"$0" watch "$1" $$ | { read ready; kill -9 $$; }', program, fifo],
      { cwd: folder, stdio: 'ignore' },
    );
    expect(killed.signal).toBe('SIGKILL');
    await nobody();
    expect(readdirSync(folder)).toEqual(['cache']);
  });

  it('that has been killed takes no command with it, and breaks nothing', async () => {
    const guard = await startGuard(cache);
    const { words, descriptors } = guard.wrap(['sh', '-c', 'echo ran']);
    expect(descriptors).toHaveLength(1);
    const watchers = () =>
      spawnSync('pgrep', ['-P', String(process.pid), '-f', 'guard watch'], { encoding: 'utf8' })
        .stdout.split('\n')
        .slice(0, -1);
    for (const pid of watchers()) process.kill(Number(pid), 'SIGKILL');
    await soon(watchers).toEqual([]);
    const ran = spawnSync(words[0]!, words.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe', descriptors[0]!],
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({ status: 0, stdout: 'ran\n' });
    expect(ran.stderr).toContain('sh is not watched');
    guard.release(ran.pid);
    await guard.close();
    await guard.close();
    guard.release(ran.pid);
  });
});

describe('a guard', () => {
  it('passes on words, exit codes and signals as they are, and descriptor 3 to nobody', async () => {
    const guard = await startGuard(cache);
    const run = (...command: string[]) => {
      const { words, descriptors } = guard.wrap(command);
      return spawnSync(words[0]!, words.slice(1), {
        stdio: ['ignore', 'pipe', 'pipe', descriptors[0]!],
        encoding: 'utf8',
      });
    };
    expect(run('printf', '%s|', 'a b', '', '*', '-n').stdout).toBe('a b||*|-n|');
    expect(run('sh', '-c', 'exit 74').status).toBe(74);
    expect(run('sh', '-c', 'kill -SEGV $$').signal).toBe('SIGSEGV');
    expect(run('sh', '-c', 'ls /proc/self/fd').stdout).not.toMatch(/^[4-9]/m);
    expect(run('sh', '-c', 'readlink /proc/$$/fd/3').stdout).toBe('');
    expect(run('/nonexistent/x')).toMatchObject({
      status: 127,
      stderr: 'guard: cannot start /nonexistent/x: No such file or directory\n',
    });
    await guard.close();
  });

  it('is none without a compiler, and the command is started as it is', async () => {
    const compiler = process.env.CC;
    process.env.CC = '/nonexistent/cc';
    try {
      const guard = await startGuard(join(folder, 'empty'));
      expect(guard).toBe(NO_GUARD);
      expect(guard.wrap(['a', 'b'])).toEqual({ words: ['a', 'b'], descriptors: [] });
    } finally {
      if (compiler === undefined) delete process.env.CC;
      else process.env.CC = compiler;
    }
  });
});
