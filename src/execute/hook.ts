import { resolve } from 'node:path';
import { type HookName, hooksOf } from '../experiment/hooks.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { shellWord } from '../experiment/shell-word.ts';
import type { CommandEnd, Host } from '../host/host.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import { systemEnvironment } from '../host/machine/sources.ts';

/** One call of a hook, and how it ended. */
export interface HookCall {
  readonly hook: HookName;
  readonly words: readonly string[];
  readonly startedAt: Date;
  readonly wallNs: number;
  /** Null if it did not exit by itself. */
  readonly exitCode: number | null;
  /** Why it has failed; undefined if it exited with 0. */
  readonly failure: string | undefined;
  /** Whether the user ended it. */
  readonly interrupted: boolean;
  /** The last of what it wrote: standard output, then standard error. */
  readonly outputTail: string;
}

/**
 * Runs one of the commands on a host, between runs.
 * @param abort ends it; if undefined, only its deadline does
 * @returns undefined if the spec has no such command
 * @throws HostLost
 */
export type HookRunner = (
  host: Host,
  hook: HookName,
  abort: AbortSignal | undefined,
) => Promise<HookCall | undefined>;

/** A command that writes more is killed. */
const OUTPUT_LIMIT = 1 << 20;
const OUTPUT_TAIL = 2000;

/** Returns a function that runs the commands of a spec. */
export function hookRunner({ document, folder }: Experiment): HookRunner {
  const hooks = hooksOf(document);
  return async (host, hook, abort) => {
    const asked = hooks[hook];
    if (asked === undefined) return undefined;
    const [program = '', ...args] = asked.words;
    const words = [program.includes('/') ? resolve(folder, program) : program, ...args];
    const { end, startedAt, wallNs, stdout, stderr } = await host.run({
      words,
      environment: systemEnvironment(host.machine),
      ...(host.name === LOCAL_HOST ? { folder } : {}),
      deadlineMs: asked.timeoutMs,
      outputLimits: { stdout: OUTPUT_LIMIT, stderr: OUTPUT_LIMIT },
      lingerMs: 0,
      ...(abort ? { abort } : {}),
    });
    const outputTail = `${stdout.toString('utf8')}${stderr.toString('utf8')}`
      .trim()
      .slice(-OUTPUT_TAIL);
    return {
      ...{ hook, words, startedAt, wallNs, outputTail },
      exitCode: end.kind === 'exited' ? end.exitCode : null,
      failure: failureOf(end, asked.timeoutMs, outputTail),
      interrupted: end.kind === 'aborted',
    };
  };
}

function failureOf(end: CommandEnd, timeoutMs: number, output: string): string | undefined {
  const said = output.split('\n').at(-1) ?? '';
  const saying = said === '' ? '' : `: ${said}`;
  switch (end.kind) {
    case 'exited':
      return end.exitCode === 0 ? undefined : `exit code ${end.exitCode}${saying}`;
    case 'signalled':
      return `ended by ${end.signal}${saying}`;
    case 'timed-out':
      return `not done after ${timeoutMs / 1000} s${saying}`;
    case 'aborted':
      return 'interrupted';
    case 'flooded':
      return `more than ${OUTPUT_LIMIT} bytes on ${end.stream}`;
    case 'not-started':
      return `it did not start: ${end.reason}`;
  }
}

/** Writes a command as a shell would take it. */
export function commandText(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
