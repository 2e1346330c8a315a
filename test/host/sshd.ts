import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SERVER = '/usr/sbin/sshd';

export interface SshdOptions {
  /** Names by which ssh reaches the server, each with lines of its own for ssh_config. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  /** Lines for sshd_config, such as `ForceCommand ...`. */
  readonly server?: readonly string[];
  /** The place where the server listens, such as another network namespace. */
  readonly address?: string;
  /** Words in front of sshd's, such as `ip netns exec NAME`. */
  readonly within?: readonly string[];
}

/** An ssh server of the tests' own, with a client that knows it. */
export interface Sshd {
  /** The first alias: what to give to `--host`. */
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  /** A folder with an `ssh` that uses the tests' own configuration: put it first in PATH. */
  readonly bin: string;
  /** This process's environment with {@link bin} in front of its PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Forgets the server's key and gives it another one, as a machine that was set up anew. */
  readonly changeHostKey: () => Promise<void>;
  /** Removes what the client knows of the server. */
  readonly forgetHost: () => void;
  /** Ends the server and every connection. */
  readonly stop: () => Promise<void>;
}

/** Why there can be no server here; undefined when there can. */
export function noSshd(): string | undefined {
  if (!existsSync(SERVER)) return 'openssh-server is not installed';
  if (process.getuid?.() !== 0) return 'sshd needs root to let a user in';
  return undefined;
}

/** Starts an ssh server on a high port of the loopback, with keys and configuration of its own. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-sshd-'));
  const address = options.address ?? '127.0.0.1';
  const port = await freePort();
  const aliases = options.aliases ?? { 'board-1': [] };
  const file = (name: string) => join(folder, name);
  const makeKey = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  for (const name of ['host_key', 'user_key']) makeKey(name);
  writeFileSync(file('authorized_keys'), readFileSync(file('user_key.pub')), { mode: 0o600 });
  const known = () =>
    writeFileSync(
      file('known_hosts'),
      `[${address}]:${port} ${readFileSync(file('host_key.pub'), 'utf8')}`,
    );
  known();
  writeFileSync(
    file('sshd_config'),
    [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${file('host_key')}`,
      `PidFile ${file('sshd.pid')}`,
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'MaxStartups 100',
      ...(options.server ?? []),
      '',
    ].join('\n'),
  );
  const common = [
    `  Port ${port}`,
    `  IdentityFile ${file('user_key')}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${file('known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  UpdateHostKeys no',
    // For OpenSSH 9.2 and later; older ones pass over it.
    '  IgnoreUnknown ObscureKeystrokeTiming',
  ];
  writeFileSync(
    file('ssh_config'),
    [
      ...Object.entries(aliases).flatMap(([alias, lines]) => [
        `Host ${alias}`,
        ...lines.map((line) => `  ${line}`),
        `  HostName ${address}`,
        '  User root',
        ...common,
      ]),
      '',
    ].join('\n'),
  );
  const bin = file('bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${file('ssh_config')} "$@"\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  // Where sshd keeps its unprivileged half.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });

  let server: ChildProcess;
  let log = '';
  const start = async () => {
    const [program = '', ...words] = [
      ...(options.within ?? []),
      SERVER,
      '-D',
      '-e',
      '-f',
      file('sshd_config'),
    ];
    server = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const child = server;
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      log += piece;
    });
    while (!/listening on/i.test(log)) {
      if (child.exitCode !== null) throw new Error(`sshd did not start: ${log}`);
      await sleep(25);
    }
  };
  const end = async () => {
    if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    for (const pid of withDescendants(server.pid)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended in between.
      }
    }
    await ended;
  };
  await start();
  return {
    host: Object.keys(aliases)[0] ?? '',
    port,
    get pid() {
      return server.pid ?? 0;
    },
    folder,
    bin,
    environment: {
      ...(process.env as Record<string, string>),
      PATH: `${bin}:${process.env.PATH}`,
    },
    async changeHostKey() {
      // First, so that the server is away for a moment only.
      makeKey('next_key');
      await end();
      for (const part of ['', '.pub']) renameSync(file(`next_key${part}`), file(`host_key${part}`));
      log = '';
      await start();
    },
    forgetHost: () => writeFileSync(file('known_hosts'), ''),
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server, and the parts of it that hold connections; not what these have started. */
function withDescendants(pid: number): number[] {
  const children = (of: number): number[] => {
    try {
      return readFileSync(`/proc/${of}/task/${of}/children`, 'utf8')
        .split(' ')
        .filter((word) => word !== '')
        .map(Number);
    } catch {
      return [];
    }
  };
  const isServer = (of: number) => {
    try {
      return readFileSync(`/proc/${of}/comm`, 'utf8').startsWith('sshd');
    } catch {
      return false;
    }
  };
  return [pid, ...children(pid).filter(isServer).flatMap(withDescendants)];
}

/** Below the ports that Linux gives to whoever asks for any: of these it gives none by itself. */
const [FIRST, NUMBER] = [20_000, 10_000];

/** A port of the loopback that nobody has, and that nobody gets by chance before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + randomInt(NUMBER);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
