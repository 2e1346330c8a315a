import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/host/build.ts';
import { killGroup } from '../../src/host/groups.ts';

const SOURCE = fileURLToPath(new URL('../../src/host/tend.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-tend-test-'));
let tend = '';

beforeAll(async () => {
  tend = await buildProgram(SOURCE, 'tend', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const started: { readonly child: ChildProcess; readonly group: () => number }[] = [];
afterEach(() => {
  for (const { child, group } of started.splice(0)) {
    child.kill('SIGKILL');
    // Only what a tender has forgotten is still there.
    if (members(group()).length > 0) killGroup(group(), 'SIGKILL');
  }
});

/** A tended shell command, which says `ready` when it is. */
async function start(script: string, { ready = true } = {}) {
  const child = spawn(tend, ['sh', '-c', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  }
  child.stdin.on('error', () => {});
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  while (ready && !said.stdout.includes('ready')) {
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }
  const one = {
    child,
    said,
    ended,
    /** Of the command, when it has said it. */
    group: () => Number(/group (\d+)/.exec(said.stdout)?.[1]),
  };
  started.push(one);
  return one;
}

/** Living members; who has ended waits for init to notice. */
const members = (group: number) =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(/\) [^ZX] \d+ (\d+)/.exec(stat)?.[1]) === group;
    } catch {
      return false;
    }
  });

const gone = (group: number) => expect.poll(() => members(group)).toEqual([]);

/** A command with a child, both of which would rather not end. */
const STUBBORN =
  'trap "" TERM; echo group $$; (while :; do sleep 300; done) & echo ready; while :; do sleep 300; done';
const WILLING = 'echo group $$; sleep 300 & echo ready; wait';

describe('tend', () => {
  it('passes on words, output and exit code as they are', async () => {
    const { ended, said } = await start('echo "a  b"; echo c >&2; exit 74', { ready: false });
    expect(await ended).toEqual({ code: 74, signal: null });
    expect(said).toEqual({ stdout: 'a  b\n', stderr: 'c\n' });
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGSEGV', 'SIGINT'] as const)(
    'ends by %s where its command does',
    async (signal) => {
      const { ended } = await start(`kill -${signal.slice(3)} $$`, { ready: false });
      expect(await ended).toEqual({ code: null, signal });
    },
  );

  it('says what cannot be started', async () => {
    const child = spawn(tend, ['/nonexistent/x'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({
      code: 127,
      stderr: 'tend: cannot start /nonexistent/x: No such file or directory\n',
    });
  });

  it('keeps the orders to itself, and gives its command a group and no odd signals', async () => {
    const { child, ended, said } = await start(
      'cat; ps -o pgid= -p $$; echo $$; grep -E "^Sig(Ign|Blk)" /proc/self/status; echo ready; sleep 300',
    );
    const [group, pid, ...masks] = said.stdout.trim().split('\n');
    expect(Number(group)).toBe(Number(pid));
    expect(Number(pid)).not.toBe(child.pid);
    expect(masks.slice(0, 2).map((line) => Number(`0x${line.split('\t')[1]}`))).toEqual([0, 0]);
    child.stdin.end('K');
    await ended;
  });

  it('sends TERM to the whole group on T', async () => {
    const { child, ended, group } = await start(WILLING);
    expect(members(group())).toHaveLength(2);
    child.stdin.write('T');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
    await gone(group());
  });

  it('sends TERM as often as it is told to, and KILL on K alone', async () => {
    const { child, ended, said, group } = await start(
      'trap "echo heard" TERM; echo group $$; echo ready; while :; do sleep 0.01; done',
    );
    const heard = () => said.stdout.split('heard').length - 1;
    for (const times of [1, 2, 3]) {
      child.stdin.write('T');
      await expect.poll(heard).toBeGreaterThanOrEqual(times);
    }
    child.stdin.write('xK');
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
    await gone(group());
  });

  it.each([
    ['its orders end', (child: { stdin: { end(): void } }) => child.stdin.end()],
    ['it is sent TERM', (child: { kill(signal: 'SIGTERM'): void }) => child.kill('SIGTERM')],
  ])('ends its command when %s, by KILL if need be', async (_, tell) => {
    const willing = await start(WILLING);
    const stubborn = await start(STUBBORN);
    tell(willing.child as never);
    tell(stubborn.child as never);
    expect(await willing.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await stubborn.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await gone(willing.group());
    await gone(stubborn.group());
  });

  it('is not ended by what a terminal sends', async () => {
    const { child, ended } = await start(WILLING);
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTSTP'] as const) child.kill(signal);
    child.stdin.write('T');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('leaves nothing of the group behind when the command ends by itself', async () => {
    const { ended, group } = await start(
      'trap "" TERM; echo group $$; sleep 300 > /dev/null 2>&1 & echo ready; exit 3',
    );
    expect(await ended).toEqual({ code: 3, signal: null });
    await gone(group());
  });

  it.runIf(process.platform === 'linux')('takes its command along when it is killed', async () => {
    const { child, group } = await start('echo group $$; echo ready; exec sleep 300');
    child.kill('SIGKILL');
    await gone(group());
  });
});
