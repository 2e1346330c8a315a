import { ExitCode, UserError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { OWN_PRIVILEGE, type Privilege, tracingHost } from '../../host/privilege.ts';
import { inPrivateMounts } from '../kernel-mounts.ts';
import { endTracer } from '../session/end-tracer.ts';
import { startTracer } from '../session/start-tracer.ts';
import { Answers } from './answers.ts';
import { KeptOutput } from './kept-output.ts';
import { readOutputOf } from './read-output.ts';
import { scriptCommand } from './script-command.ts';
import { type ScriptEnd, scriptDoubts } from './script-doubts.ts';
import type { ScriptResult, UserScript } from './user-script.ts';

export interface AttachedScript {
  /** Checks, when the run has ended, that the script was attached all the time. Never throws. */
  confirm(): Promise<void>;
  /** Ends the script, whose END prints what it has, and reads the output. Never throws. */
  finish(): Promise<ScriptResult>;
}

/** How long a script's tracer may take. */
export interface Patience {
  readonly attachMs: number;
  readonly answerMs: number;
  readonly detachMs: number;
}

/** Linux takes half a minute to remove the probes of `syscall:::entry`. */
const PATIENCE: Patience = { attachMs: 180_000, answerMs: 20_000, detachMs: 90_000 };
const STDERR_LIMIT = 1024 * 1024;
const ASK_AGAIN_MS = 25;

/**
 * Starts a script and waits until its probes are enabled. It is started anew for every run: a
 * script prints when it ends, and only this way is it known which run its output is about.
 * @throws UserError with what the tracer said about the script
 */
export async function attachScript(
  script: UserScript,
  host: Host,
  privilege: Privilege = OWN_PRIVILEGE,
  patience: Patience = PATIENCE,
): Promise<AttachedScript> {
  const root = tracingHost(host, privilege);
  const command = await scriptCommand(script, root);
  const { question } = command;
  const words = await inPrivateMounts(root, command.words);
  const tracer = startTracer(root, words, command.environment);
  const kept = new KeptOutput(
    script.tracer === 'bpftrace' ? 'json-lines' : script.json ? 'json' : 'text',
  );
  const answers = new Answers();
  let stderr = '';
  let ended: { readonly how: string; readonly well: boolean } | undefined;
  let wake = () => {};
  tracer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    kept.push(chunk);
    answers.push(chunk);
    wake();
  });
  tracer.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < STDERR_LIMIT) stderr += chunk;
  });
  tracer.then(({ exitCode, signal, message }) => {
    const how = signal
      ? `signal ${signal}`
      : exitCode === undefined
        ? (message ?? '')
        : `exit code ${exitCode}`;
    ended = { how, well: exitCode === 0 };
    wake();
  });
  /** Waits for a condition or the tracer's end. @returns whether the condition was met */
  const until = async (condition: () => boolean, limitMs: number): Promise<boolean> => {
    if (!condition() && !ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        wake = () => {
          if (!condition() && !ended) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return condition();
  };
  const end = () => {
    const untilEnded = async (limitMs: number) => void (await until(() => false, limitMs));
    const ending = { order: tracer.order, hasEnded: () => ended !== undefined, untilEnded };
    return endTracer(script.tracer, ending, patience.detachMs);
  };

  let turn = 0;
  /** Asks again until it is told to stop, because a question or its answer may get lost. */
  const askAgain = (): (() => void) => {
    const ask = () => question?.ask(turn++);
    ask();
    const asking = setInterval(ask, ASK_AGAIN_MS);
    return () => clearInterval(asking);
  };
  const stopAsking = script.tracer === 'bpftrace' ? askAgain() : () => {};
  const isAttached = () => answers.attached || answers.heard >= 0;
  const attached = await until(isAttached, patience.attachMs);
  stopAsking();
  await command.removeFile();
  if (!attached) {
    const why = ended ? ` (${ended.how})` : ` within ${patience.attachMs / 1000} s`;
    await end();
    const said = stderr
      .split('\n')
      .filter((line) => !/RLIMIT_MEMLOCK/.test(line))
      .join('\n')
      .trim()
      .replaceAll(command.file, script.path);
    throw new UserError(`the script ${script.path} was not attached${why}:\n${said}`, {
      hint: `try it alone: ${script.tracer} ${script.tracer === 'dtrace' ? '-s ' : ''}${script.path}`,
      exitCode: ExitCode.machine,
    });
  }

  let early: string | undefined;
  return {
    async confirm() {
      const deadline = performance.now() + patience.answerMs;
      const isAnswered = async () => {
        const asked = turn;
        const stop = askAgain();
        const answered = () => answers.heard >= asked;
        const told = await until(answered, deadline - performance.now());
        stop();
        return told;
      };
      for (let answered = 0; question && answered < question.enough; answered++) {
        if (await isAnswered()) continue;
        early = ended ? undefined : `it did not answer within ${patience.answerMs / 1000} s`;
        break;
      }
      if (ended) {
        early = `it ended by itself (${ended.how}), by exit() or because something ended it`;
      }
    },
    async finish() {
      await end();
      const state: ScriptEnd = {
        early,
        badly: ended?.well ? undefined : `it ended badly (${ended?.how ?? 'it had to be killed'})`,
      };
      const raw = kept.text();
      const output = readOutputOf(script, raw);
      const doubts = scriptDoubts(script, state, output, stderr, kept);
      return { script: script.name, output, raw, doubts };
    },
  };
}
