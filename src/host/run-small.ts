import type { CommandEnd, Finished, Host } from './host.ts';
import { systemEnvironment } from './machine/sources.ts';
import { requireStart } from './start-failure.ts';

/** A system command whose output is short. */
export interface SmallCommand {
  readonly words: readonly string[];
  readonly deadlineMs?: number;
  /** Variables in addition to PATH and LC_ALL. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface SmallResult {
  /** True if it ran and exited with 0. */
  readonly ok: boolean;
  readonly end: Finished['end'];
  readonly stdout: string;
  readonly stderr: string;
  /** Tells in words how it ended. */
  readonly reason: string;
}

const DEADLINE_MS = 30_000;
const LONGEST_OUTPUT = 1 << 20;

/**
 * Runs a small command to its end, whatever it does.
 * @throws UserError when the machine cannot start any command
 * @throws HostLost
 */
export async function runSmall(host: Host, command: SmallCommand): Promise<SmallResult> {
  const { end, stdout, stderr } = await host.run({
    words: command.words,
    environment: { ...systemEnvironment(host.machine), ...command.environment },
    deadlineMs: command.deadlineMs ?? DEADLINE_MS,
    outputLimits: { stdout: LONGEST_OUTPUT, stderr: LONGEST_OUTPUT },
    lingerMs: 0,
  });
  if (end.kind === 'not-started') requireStart(command.words[0] ?? '', end);
  return {
    ok: end.kind === 'exited' && end.exitCode === 0,
    end,
    stdout: stdout.toString('utf8').trimEnd(),
    stderr: stderr.toString('utf8').trimEnd(),
    reason: howItEnded(end),
  };
}

export function howItEnded(end: CommandEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exit code ${end.exitCode}`;
    case 'signalled':
      return `signal ${end.signal}`;
    case 'timed-out':
      return 'it took too long';
    case 'aborted':
      return 'interrupted';
    case 'flooded':
      return `too much on ${end.stream}`;
    case 'not-started':
      return end.reason;
  }
}
