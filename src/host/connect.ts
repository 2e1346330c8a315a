import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ExitCode, UserError } from '../errors.ts';
import { agentSource, BootstrapReader, bootstrapLine } from './bootstrap.ts';
import { requireDescriptors } from './descriptors.ts';
import { LOCAL_HOST, requireHostName } from './host-name.ts';
import { agentRefusal } from './refusals.ts';

const SOURCE = fileURLToPath(new URL('./agent.c', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./start-agent.sh', import.meta.url));
/** Even a slow board compiles the agent in less time. */
const START_MS = 300_000;
/** A remote link may die without any sign; a pipe on this machine cannot. */
const REMOTE_SILENCE_S = 60;
const MOST_STDERR = 16 * 1024;

/** A process with an agent at its other end. */
export interface Connection {
  readonly input: Writable;
  readonly output: Readable;
  /** The bytes that came after the agent's own line. */
  readonly first: Buffer;
  /** Settles when the process has ended, with the reason. */
  readonly ended: Promise<string>;
  /** Returns what it has recently written to stderr. */
  readonly said: () => string;
  /** Kills the process; the agent at its other end sees its input end. */
  readonly kill: () => void;
}

export interface ConnectOptions {
  /** The environment of sh or ssh; on this machine, agents and commands get it too. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Cancels the attempt. */
  readonly abort?: AbortSignal;
  /** The agent ends after this many seconds without hearing anything; 0: never. */
  readonly silenceS?: number;
}

/**
 * Runs OpenSSH's client with the user's own configuration, but without anything that prompts or
 * forwards.
 */
const SSH = [
  'ssh',
  '-T',
  '-a',
  '-x',
  ...[
    'BatchMode=yes',
    'ServerAliveInterval=30',
    'ServerAliveCountMax=3',
    'ConnectTimeout=30',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'RequestTTY=no',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option]),
];

/**
 * Returns the words that run a line of `sh` on a host.
 * @param line without single quotes, backslashes and exclamation marks, so that any login shell
 *     accepts it
 */
function onHost(host: string, line: string): readonly string[] {
  if (host === LOCAL_HOST) return ['sh', '-c', line];
  return [...SSH, '--', host, `exec sh -c '${line}'`];
}

function ownAgent() {
  return agentSource(readFileSync(SOURCE), readFileSync(SCRIPT, 'utf8'));
}

/** Starts the agent on a host and builds it there first when it is missing. */
export async function connect(host: string, options: ConnectOptions): Promise<Connection> {
  requireHostName(host);
  const source = ownAgent();
  const silenceS = options.silenceS ?? (host === LOCAL_HOST ? 0 : REMOTE_SILENCE_S);
  return begin(host, onHost(host, bootstrapLine(source, silenceS)), options, source);
}

/**
 * Starts an agent that is already built as root, with `sudo -n`.
 * @param agentPath the path that the host's agent reported, with every link in it resolved
 */
export async function connectAsRoot(
  host: string,
  agentPath: string,
  options: ConnectOptions,
): Promise<Connection> {
  requireHostName(host);
  const source = ownAgent();
  const silenceS = options.silenceS ?? (host === LOCAL_HOST ? 0 : REMOTE_SILENCE_S);
  const words = ['sudo', '-n', '--', agentPath, source.version, String(silenceS)];
  const all = host === LOCAL_HOST ? words : onHost(host, sudoLine(words));
  return begin(host, all, options, source, agentPath);
}

/** Puts each word between double quotes. @throws UserError for a word that a shell would change */
function sudoLine(words: readonly string[]): string {
  const unsafe = words.find((word) => /['"\\!$`\p{Cc}]/u.test(word));
  if (unsafe === undefined) return `exec ${words.map((word) => `"${word}"`).join(' ')}`;
  throw new UserError(`cannot be started by sudo over ssh: ${unsafe}`, {
    hint: 'set XDG_CACHE_HOME on that host to a path without quotes, backslashes, !, $ and `',
    exitCode: ExitCode.machine,
  });
}

async function begin(
  host: string,
  words: readonly string[],
  { environment, abort }: ConnectOptions,
  source: { readonly text: Buffer; readonly version: string },
  agentPath?: string,
): Promise<Connection> {
  requireDescriptors();
  const [file = '', ...rest] = words;
  const child = execa(file, rest, {
    // Use a session of its own, because ipc-sweep handles a terminal's Ctrl-C itself. Not with
    // sudo: what `sudo -v` has obtained is valid only in the session of its terminal, and the agent
    // ignores Ctrl-C.
    detached: file !== 'sudo',
    // The agent sees its input end and then still has settings to put back.
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    extendEnv: false,
    env: environment as Record<string, string>,
  });
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => {
    stderr = (stderr + piece.toString('utf8')).slice(-MOST_STDERR);
  });
  // Code that writes to an agent that has ended learns of its end elsewhere.
  child.stdin.on('error', () => {});
  const said = () => stderr.trim();
  const ended = child.then(({ exitCode, signal, originalMessage }) =>
    signal !== undefined
      ? `ended by ${signal}`
      : exitCode !== undefined
        ? `ended with exit code ${exitCode}`
        : (originalMessage ?? 'could not be started'),
  );
  const kill = () => {
    child.kill('SIGKILL');
  };
  const reader = new BootstrapReader(source.version);
  const first = await new Promise<Buffer | undefined>((resolve) => {
    const settle = (bytes?: Buffer) => {
      clearTimeout(timer);
      abort?.removeEventListener('abort', onAbort);
      child.stdout.off('data', onData);
      child.stdout.pause();
      resolve(bytes);
    };
    const onAbort = () => {
      kill();
    };
    const timer = setTimeout(() => {
      stderr += `\nno answer in ${START_MS / 1000} s`;
      kill();
    }, START_MS);
    const onData = (piece: Buffer) => {
      const found = reader.push(piece);
      if (found.state === 'begun') settle(found.rest);
      else if (found.state === 'needs-text') child.stdin.write(source.text);
      else if (found.state === 'too-much') kill();
    };
    child.stdout.on('data', onData);
    abort?.addEventListener('abort', onAbort, { once: true });
    if (abort?.aborted) onAbort();
    void child.then(() => settle());
  });
  if (first) {
    return { input: child.stdin, output: child.stdout, first, ended, said, kill };
  }
  const { exitCode, code } = await child;
  throw agentRefusal({
    host,
    program: file,
    agentPath,
    failed: reader.failed,
    text: reader.text,
    stderr: said(),
    exitCode,
    code,
    aborted: abort?.aborted ?? false,
  });
}
