import { execa } from 'execa';
import { requireDescriptors } from '../host/descriptors.ts';
import { killGroup } from '../host/groups.ts';
import { type Guard, NO_GUARD } from '../host/guard.ts';
import { type Left, lingerThenKill } from '../host/linger.ts';

export interface Command {
  readonly path: string;
  readonly args: readonly string[];
  readonly deadlineMs: number;
  /** Ends the run from outside. */
  readonly abort: AbortSignal;
  readonly guard?: Guard;
}

type Stream = 'stdout' | 'stderr';

export type End =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'flooded'; readonly stream: Stream }
  | { readonly kind: 'not-started'; readonly reason: string };

/** Why a command was ended from here. */
type Forced = Extract<End, { readonly kind: 'timed-out' | 'aborted' | 'flooded' }>;

export interface Supervised {
  readonly pid: number | undefined;
  readonly end: End;
  readonly startedAt: Date;
  readonly wallNs: number;
  readonly left: Left;
  readonly stdout: string;
  readonly stderrTail: string;
}

export const OUTPUT_LIMITS = { stdout: 8 * 1024 * 1024, stderr: 1024 * 1024 } as const;
const STDERR_TAIL = 4000;
const TERM_PATIENCE_MS = 500;
/** How long what the command has started may go on when it has ended itself. */
const LINGER_MS = 1000;
/** How long output may still come after the command itself has ended. */
const DRAIN_PATIENCE_MS = 1000;

/**
 * Runs one command in a process group of its own and brings back how it ended. At the deadline,
 * on abort and on too much output the whole group dies: TERM, then KILL. What the command leaves
 * behind in its group may go on for a second, and dies then; what left the group is not waited for.
 *
 * The environment is small and always the same: its size alone can shift a benchmark's figures.
 * @throws UserError when no process can be started; whatever a command does is no exception
 */
export async function supervise(command: Command): Promise<Supervised> {
  requireDescriptors();
  const startedAt = new Date();
  const begin = process.hrtime.bigint();
  const guard = command.guard ?? NO_GUARD;
  const { words, descriptors } = guard.wrap([command.path, ...command.args]);
  const [file = '', ...rest] = words;
  const child = execa(file, rest, {
    detached: true,
    reject: false,
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    extendEnv: false,
    env: benchmarkEnvironment(process.env),
    // What execa keeps goes into its error messages, each zero byte as six characters.
    buffer: false,
  });
  const { pid } = child;
  let forced: Forced | undefined;
  let wallNs = 0;
  let killTimer: NodeJS.Timeout | undefined;
  let drainTimer: NodeJS.Timeout | undefined;
  let lingering = Promise.resolve<Left>({ seen: false, killed: false });
  const stop = (why: Forced) => {
    if (forced || wallNs > 0) return;
    forced = why;
    killGroup(pid, 'SIGTERM');
    killTimer = setTimeout(() => killGroup(pid, 'SIGKILL'), TERM_PATIENCE_MS);
  };
  const onAbort = () => stop({ kind: 'aborted' });
  const deadline = setTimeout(() => stop({ kind: 'timed-out' }), command.deadlineMs);
  command.abort.addEventListener('abort', onAbort, { once: true });
  if (command.abort.aborted) onAbort();
  const output: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
  let flooded: (Forced & { readonly kind: 'flooded' }) | undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    let bytes = 0;
    child[name].on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= OUTPUT_LIMITS[name]) {
        output[name].push(chunk);
        return;
      }
      flooded ??= { kind: 'flooded', stream: name };
      // A command that ignores SIGPIPE would go on for ever; nothing more is read of it.
      stop(flooded);
      child[name].destroy();
    });
  }
  child.once('exit', () => {
    wallNs = Number(process.hrtime.bigint() - begin);
    // A child left behind would hold our pipes, and this promise, for ever.
    lingering = lingerThenKill(pid, forced ? 0 : LINGER_MS).then((left) => {
      guard.release(pid);
      drainTimer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_PATIENCE_MS);
      return left;
    });
  });
  const result = await child;
  const left = await lingering;
  clearTimeout(deadline);
  clearTimeout(killTimer);
  clearTimeout(drainTimer);
  command.abort.removeEventListener('abort', onAbort);
  if (wallNs === 0) wallNs = Number(process.hrtime.bigint() - begin);

  const stderr = Buffer.concat(output.stderr).toString('utf8');
  return {
    pid,
    end: flooded ?? endOf(result, stderr, forced),
    startedAt,
    wallNs,
    left,
    stdout: Buffer.concat(output.stdout).toString('utf8'),
    stderrTail: stderr.slice(-STDERR_TAIL),
  };
}

function endOf(
  result: {
    readonly exitCode?: number | undefined;
    readonly signal?: string | undefined;
    readonly shortMessage?: string | undefined;
    readonly originalMessage?: string | undefined;
  },
  stderr: string,
  forced: Forced | undefined,
): End {
  if (forced) return forced;
  const [, unstarted] = /^guard: (cannot start .*)$/m.exec(stderr) ?? [];
  if (result.exitCode === 127 && unstarted) return { kind: 'not-started', reason: unstarted };
  if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode };
  if (result.signal !== undefined) return { kind: 'signalled', signal: result.signal };
  return {
    kind: 'not-started',
    reason: result.originalMessage || result.shortMessage || 'unknown reason',
  };
}

function benchmarkEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  const path = own.PATH ?? '/usr/bin:/bin';
  const libraries = own.LD_LIBRARY_PATH;
  return { PATH: path, LC_ALL: 'C', ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}) };
}
