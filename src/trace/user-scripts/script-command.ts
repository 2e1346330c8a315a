import { basename } from 'node:path';
import type { Host } from '../../host/host.ts';
import { systemEnvironment } from '../../host/machine/sources.ts';
import { MAP_KEYS } from './script-output.ts';
import type { UserScript } from './user-script.ts';

/** The way to start a script and to ask whether it is still there. */
export interface ScriptCommand {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The place of the script's text until it has been read. */
  readonly file: string;
  readonly removeFile: () => Promise<void>;
  /** The question, if an answer can be expected; dtrace itself has reported that it is attached. */
  readonly question: Question | undefined;
}

export interface Question {
  /** Asks; an answer is printed if the script is attached. @param turn counts from 0 */
  readonly ask: (turn: number) => void;
  /** Returns the expected answer to a question. */
  readonly answer: (turn: number) => string;
  /** The number of consecutive answers that prove that the script has not been told to end. */
  readonly enough: number;
}

/** Printed by dtrace when every probe is enabled. */
export const ATTACHED = 'ipc-sweep: attached';
const HEARD = 'ipc-sweep: heard';
/** This is above every pid. */
const FIRST_QUESTION = 1_000_000_000;
const QUESTIONS = 1_000_000;

/**
 * Returns the words that run a script unchanged, from a private file with the text that was read
 * when the sweep began. A clause of ours is added after it: it answers a getpriority(2) for a pid
 * that no process has. This shows that the script is attached, and still was when the run had
 * ended.
 *
 * bpftrace prints nothing before everything is attached, and accepts only one BEGIN, which is the
 * script's. dtrace accepts any number.
 * @param host the host of the agent that may trace
 */
export async function scriptCommand(script: UserScript, host: Host): Promise<ScriptCommand> {
  const { platform } = host.machine;
  const first = FIRST_QUESTION + QUESTIONS * Math.floor(Math.random() * 1000);
  const ask = (turn: number) => host.ask(first + turn);
  const environment = systemEnvironment(host.machine);
  const send = async (text: string) => {
    const file = await host.send(basename(script.path), Buffer.from(text));
    return { file, removeFile: () => host.discard(file) };
  };
  if (script.tracer === 'bpftrace') {
    const own = `tracepoint:syscalls:sys_enter_getpriority /args->which == 0 && args->who >= ${first} && args->who < ${first + QUESTIONS}/ { printf("${HEARD} %d\\n", args->who - ${first}); }`;
    const { file, removeFile } = await send(`${script.text}\n${own}\n`);
    return {
      words: ['bpftrace', ...script.flags, '-f', 'json', '-B', 'line', file],
      environment: { ...environment, ...bpftraceLimits(script.text) },
      file,
      removeFile,
      // The first answer may have come in the same batch as an exit(), and the second while the
      // probes were being removed: the third comes only if the script goes on.
      question: { ask, answer: (turn) => `${HEARD} ${turn}\\n`, enough: 3 },
    };
  }
  const { file, removeFile } = await send(script.text);
  const hears = platform === 'linux' || platform === 'freebsd';
  // Print a newline first, because text from the script may precede it on the line.
  const clauses = [
    `dtrace:::BEGIN { printf("\\n${ATTACHED}\\n"); }`,
    ...(hears
      ? [`syscall::getpriority:entry /arg1 == ${first}/ { printf("\\n${HEARD}\\n"); }`]
      : []),
  ];
  return {
    words: [
      'dtrace',
      ...(script.json ? ['--libxo', 'json,pretty'] : []),
      ...dtraceRates(platform).flatMap((option) => ['-x', option]),
      ...['-s', file],
      ...clauses.flatMap((clause) => ['-n', clause]),
    ],
    environment,
    file,
    removeFile,
    // After exit() has been called, the kernel runs no more clauses, so one answer is enough.
    question: hears ? { ask: () => ask(0), answer: () => HEARD, enough: 1 } : undefined,
  };
}

/** A script may set its own limits, but the environment would take precedence over them. */
function bpftraceLimits(text: string): Readonly<Record<string, string>> {
  return {
    ...(/max_map_keys/i.test(text) ? {} : { BPFTRACE_MAP_KEYS_MAX: String(MAP_KEYS) }),
    // Use 4 MiB per processor instead of 256 KiB: texts come faster than they are read.
    ...(/perf_rb_pages/i.test(text) ? {} : { BPFTRACE_PERF_RB_PAGES: '1024' }),
  };
}

function dtraceRates(platform: NodeJS.Platform): readonly string[] {
  const rates = ['switchrate=100hz', 'aggrate=100hz'];
  // FreeBSD clears an eighth of it after each snapshot, inside a probe: see docs/tracing.md.
  return platform === 'freebsd' ? [...rates, 'aggsize=512k'] : rates;
}
