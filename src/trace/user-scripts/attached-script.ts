import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Doubt } from '../../doubt.ts';
import { ExitCode, UserError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { systemEnvironment } from '../../host/machine/sources.ts';
import { OWN_PRIVILEGE, type Privilege, tracingHost } from '../../host/privilege.ts';
import { readBpftraceStderr } from '../bpftrace/bpftrace-stderr.ts';
import { readDtraceStderr } from '../dtrace/dtrace-stderr.ts';
import { inPrivateMounts } from '../kernel-mounts.ts';
import { endTracer } from '../session/end-tracer.ts';
import { startTracer } from '../session/start-tracer.ts';
import { readBpftraceJson } from './bpftrace-json.ts';
import { readDtraceJson } from './dtrace-json.ts';
import { readDtraceText } from './dtrace-text.ts';
import { type ScriptOutput, withStorableNumbers } from './script-output.ts';

/** A script of the user's that is named in the spec. */
export interface UserScript {
  /** Absolute path. */
  readonly path: string;
  readonly tracer: 'dtrace' | 'bpftrace';
  /** dtrace can print JSON (FreeBSD, from `--libxo` on). */
  readonly json: boolean;
}

/** What a script had to say about one run. */
export interface ScriptResult {
  /** File name of the script. */
  readonly script: string;
  readonly output: ScriptOutput;
  /** What it printed, cut at a limit. */
  readonly raw: string;
  readonly doubts: readonly Doubt[];
}

export interface AttachedScript {
  /** Ends the script, whose END prints what it has, and reads it. Never throws. */
  finish(): Promise<ScriptResult>;
}

/** Lines kept of what a script prints in one run. */
export const SCRIPT_EVENT_LIMIT = 10_000;
const RAW_LIMIT = 4 * 1024 * 1024;
const ATTACH_MS = 180_000;
/** Linux takes half a minute to take back the probes of `syscall:::entry`. */
const DETACH_MS = 90_000;
/** Printed by a clause that is added to the script, when every probe is enabled. */
const ATTACHED = 'ipc-sweep: attached';

/**
 * Starts a script and waits until its probes are enabled. It is started anew for every run: a
 * script prints when it ends, and only so is it known which run it speaks of.
 * @throws UserError with what the tracer said about the script
 */
export async function attachScript(
  script: UserScript,
  host: Host,
  privilege: Privilege = OWN_PRIVILEGE,
): Promise<AttachedScript> {
  const text = readFileSync(script.path, 'utf8');
  const root = tracingHost(host, privilege);
  const sent = await root.send(basename(script.path), Buffer.from(text));
  const words = commandOf(script, text, sent, root.machine.platform);
  const command = await inPrivateMounts(root, words);
  const tracer = startTracer(root, command, systemEnvironment(root.machine));
  const name = basename(script.path);
  let raw = '';
  let cut = false;
  let stderr = '';
  let ended = false;
  let wake = () => {};
  tracer.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (raw.length + chunk.length <= RAW_LIMIT) raw += chunk;
    else cut = true;
    wake();
  });
  tracer.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < RAW_LIMIT) stderr += chunk;
  });
  tracer.then(() => {
    ended = true;
    wake();
  });
  const until = async (condition: () => boolean, limitMs: number) => {
    if (condition() || ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      wake = () => {
        if (!condition() && !ended) return;
        clearTimeout(timer);
        resolve();
      };
    });
  };
  const end = () => {
    const untilEnded = (limitMs: number) => until(() => false, limitMs);
    const ending = { order: tracer.order, hasEnded: () => ended, untilEnded };
    return endTracer(script.tracer, ending, DETACH_MS);
  };

  await until(() => raw.includes(ATTACHED), ATTACH_MS);
  if (!raw.includes(ATTACHED)) {
    await end();
    throw new UserError(`the script ${script.path} was not attached:\n${stderr.trim()}`, {
      hint: `try it alone: ${script.tracer} ${script.tracer === 'dtrace' ? '-s ' : ''}${script.path}`,
      exitCode: ExitCode.machine,
    });
  }
  return {
    async finish() {
      await end();
      const output = readOutputOf(script, text, raw);
      return {
        script: name,
        output: { ...output, events: output.events.slice(0, SCRIPT_EVENT_LIMIT) },
        raw,
        doubts: doubtsOf(name, script, output, stderr, cut),
      };
    },
  };
}

/**
 * Pure: what a script printed, as rows, without the line that ipc-sweep has added.
 * @param text of the script, which tells how the aggregations are printed
 */
export function readOutputOf(
  script: Pick<UserScript, 'tracer' | 'json'>,
  text: string,
  raw: string,
): ScriptOutput {
  const output = withStorableNumbers(
    script.tracer === 'bpftrace'
      ? readBpftraceJson(raw, text)
      : script.json
        ? readDtraceJson(raw, text)
        : readDtraceText(text, raw),
  );
  return { ...output, events: output.events.filter(({ text }) => text.trim() !== ATTACHED) };
}

/** @param sent the script's path on the host */
function commandOf(
  { tracer, json }: UserScript,
  text: string,
  sent: string,
  platform: NodeJS.Platform,
): readonly string[] {
  if (tracer === 'bpftrace') {
    const own = `BEGIN { printf("${ATTACHED}\\n"); }`;
    return ['bpftrace', '-f', 'json', '-B', 'line', '-e', `${text}\n${own}`];
  }
  const own = `dtrace:::BEGIN { printf("${ATTACHED}\\n"); }`;
  const options = ['switchrate=100hz', 'aggrate=100hz'];
  // FreeBSD clears an eighth of it after each snapshot, inside a probe: see docs/tracing.md.
  if (platform === 'freebsd') options.push('aggsize=512k');
  const settings = options.flatMap((option) => ['-x', option]);
  return [
    'dtrace',
    ...(json ? ['--libxo', 'json,pretty'] : []),
    ...settings,
    '-s',
    sent,
    '-n',
    own,
  ];
}

function doubtsOf(
  name: string,
  script: UserScript,
  output: ScriptOutput,
  stderr: string,
  cut: boolean,
): readonly Doubt[] {
  const doubts: Doubt[] = [];
  for (const line of stderr.split('\n')) {
    const doubt = script.tracer === 'dtrace' ? readDtraceStderr(line) : readBpftraceStderr(line);
    if (doubt)
      doubts.push({ ...doubt, code: `script-${doubt.code}`, message: `${name}: ${doubt.message}` });
  }
  for (const message of output.lost) {
    doubts.push({ code: 'script-tracer-dropped', message: `${name}: ${message}`, suspect: true });
  }
  const note = (code: string, message: string) =>
    doubts.push({ code, message: `${name}: ${message}`, suspect: false });
  if (cut) note('script-cut', `only the first ${RAW_LIMIT} characters of its output are kept`);
  if (output.events.length > SCRIPT_EVENT_LIMIT) {
    note(
      'script-events-cut',
      `${output.events.length - SCRIPT_EVENT_LIMIT} lines beyond the first ${SCRIPT_EVENT_LIMIT} are not kept`,
    );
  }
  if (output.unread.length > 0) {
    note(
      'script-unread',
      `${output.unread.length} lines could not be read, such as ${output.unread[0]?.slice(0, 100)}`,
    );
  }
  return doubts;
}
