import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { OUTPUT_LIMITS, type Supervised, supervise } from '../../src/execute/supervise.ts';

const programs = fileURLToPath(new URL('../fixtures/programs/', import.meta.url));

const groups: number[] = [];

async function run(
  program: string,
  options: { args?: string[]; deadlineMs?: number; abort?: AbortSignal } = {},
): Promise<Supervised> {
  const ended = await supervise({
    path: program.startsWith('/') ? program : programs + program,
    args: options.args ?? ['-t', '4096', '2proc'],
    deadlineMs: options.deadlineMs ?? 300_000,
    abort: options.abort ?? new AbortController().signal,
  });
  if (ended.pid !== undefined) groups.push(ended.pid);
  return ended;
}

/** Living members of process groups; a zombie is dead already. */
function members(of: readonly number[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return state !== 'Z' && of.includes(Number(group));
      } catch {
        return false;
      }
    });
}

/** SIGKILL is sent before the run is reported; the kernel may need a moment to carry it out. */
afterEach(async () => {
  const started = groups.splice(0);
  await expect.poll(() => members(started)).toEqual([]);
});

describe('supervise', () => {
  it('brings back the exit code and the output of a command that ends by itself', async () => {
    const ended = await run('answers');
    expect(ended.end).toEqual({ kind: 'exited', exitCode: 0 });
    expect(JSON.parse(ended.stdout).benchmark_samples).toHaveLength(1);
    expect(ended.stderrTail).toBe('');
    expect(ended.wallNs).toBeGreaterThan(100_000);
  });

  it('starts it in a group of its own, with a small environment, no input and its words unchanged', async () => {
    process.env.IPC_SWEEP_SHOULD_NOT_PASS = '1';
    const ended = await run('shows-itself', { args: ['-b', '512', 'a b', '$HOME', ''] });
    delete process.env.IPC_SWEEP_SHOULD_NOT_PASS;
    const [words, ...lines] = ended.stdout.trimEnd().split('\n');
    expect(words).toBe('arguments <-b> <512> <a b> <$HOME> <>');
    const [pid, group] = lines.pop()!.trim().split(/\s+/);
    expect([pid, group]).toEqual([String(ended.pid), String(ended.pid)]);
    const names = lines.map((line) => line.split('=')[0]);
    // The shell adds PWD and the like by itself.
    expect(names).toEqual(expect.arrayContaining(['LC_ALL', 'PATH']));
    expect(names).not.toContain('IPC_SWEEP_SHOULD_NOT_PASS');
    expect(names).not.toContain('HOME');
  });

  it('keeps an exit code and the last words of a command that refuses', async () => {
    const ended = await run('refuses');
    expect(ended.end).toEqual({ kind: 'exited', exitCode: 64 });
    expect(ended.stdout).toBe('{ }\n');
    expect(ended.stderrTail).toContain('is not a multiple');
  });

  it('names the signal that a command died by', async () => {
    expect((await run('dies-by-signal')).end).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
  });

  it('ends a command that hangs at its deadline, children and all', async () => {
    const ended = await run('hangs', { deadlineMs: 1000 });
    expect(ended.end).toEqual({ kind: 'timed-out' });
    // It may not have come to say it yet.
    expect(ended.stderrTail).toMatch(/^(ipc-benchmark: waiting\n)?$/);
    expect(ended.wallNs / 1e6).toBeGreaterThanOrEqual(990);
  });

  it('kills a command that ignores the request to end', async () => {
    const ended = await run('ignores-term', { deadlineMs: 5000 });
    expect(ended.end).toEqual({ kind: 'timed-out' });
    // A first signal at the deadline, and half a second for nothing.
    expect(ended.wallNs / 1e6).toBeGreaterThanOrEqual(5490);
  });

  it('ends a command on abort', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const ended = await run('ignores-term', { abort: abort.signal });
    expect(ended.end).toEqual({ kind: 'aborted' });
  });

  it('does not let a command run whose abort came first', async () => {
    const ended = await run('hangs', { abort: AbortSignal.abort() });
    expect(ended.end).toEqual({ kind: 'aborted' });
  });

  it('takes an abort after the end for nothing', async () => {
    const abort = new AbortController();
    const ended = await run('answers', { abort: abort.signal });
    abort.abort();
    expect(ended.end).toEqual({ kind: 'exited', exitCode: 0 });
  });

  it.each([
    ['floods', 'stdout'],
    ['floods-for-ever', 'stdout'],
    ['floods-stderr', 'stderr'],
  ])('cuts off a command that %s on %s', async (program, stream) => {
    const before = process.memoryUsage().rss;
    const ended = await run(program);
    expect(ended.end).toEqual({ kind: 'flooded', stream });
    expect(ended.stdout.length).toBeLessThanOrEqual(OUTPUT_LIMITS.stdout);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });

  it('kills the children that a command leaves in its group, and does not wait for them', async () => {
    const ended = await run('leaves-orphan');
    expect(ended.end).toEqual({ kind: 'exited', exitCode: 0 });
    expect(JSON.parse(ended.stdout).benchmark_samples).toHaveLength(1);
  });

  it('does not wait for a child that holds the output and has left the group', async () => {
    const ended = await run('leaves-runaway');
    expect(ended.end).toEqual({ kind: 'exited', exitCode: 0 });
    expect(JSON.parse(ended.stdout).benchmark_samples).toHaveLength(1);
    // It sleeps for longer than this test may take, and still does.
    process.kill(Number(/^runaway (\d+)$/m.exec(ended.stderrTail)?.[1]), 'SIGKILL');
  });

  it.each([
    ['is not there', '/nonexistent/ipc-benchmark', 'ENOENT'],
    ['is not executable', 'not-executable', 'EACCES'],
    ['has no interpreter', 'no-interpreter', 'ENOENT'],
    ['is a folder', '/tmp', 'EACCES'],
  ])('says why a command cannot be started that %s', async (_, program, code) => {
    const ended = await run(program);
    expect(ended).toMatchObject({ pid: undefined, end: { kind: 'not-started' }, stdout: '' });
    expect(ended.end.kind === 'not-started' && ended.end.reason).toContain(code);
  });
});
