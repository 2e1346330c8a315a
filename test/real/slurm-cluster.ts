import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../host/sshd.ts';

const DAEMONS = ['/usr/sbin/munged', '/usr/sbin/slurmctld', '/usr/sbin/slurmd'];

/** Why there can be no cluster here; undefined when there can. @throws Error where there must be one */
export function noSlurm(): string | undefined {
  const missing = DAEMONS.filter((path) => !existsSync(path));
  const why =
    missing.length > 0
      ? `${missing.join(', ')} not installed (Debian: slurm-wlm, munge)`
      : process.getuid?.() !== 0
        ? 'slurmd needs root'
        : undefined;
  if (why !== undefined && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
    throw new Error(`the real tests are required here, but ${why}`);
  }
  if (why !== undefined) console.log(`skipping Slurm: ${why}`);
  return why;
}

/**
 * A cluster of one node, which is this machine: munged, slurmctld and slurmd with keys, ports and
 * folders of their own below a temporary folder.
 */
export class SlurmCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-slurm-'));
  readonly #daemons: { readonly name: string; readonly process: ChildProcess }[] = [];
  #slurmdWords: readonly string[] = [];

  /** For the environment of whoever uses the cluster. */
  get environment(): { readonly SLURM_CONF: string } {
    return { SLURM_CONF: join(this.folder, 'slurm.conf') };
  }

  async start(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    // munged wants folders into which nobody else can write, and its socket where all can reach it.
    chmodSync(this.folder, 0o755);
    for (const name of ['socket', 'state', 'spool', 'log']) mkdirSync(at(name), { mode: 0o755 });
    mkdirSync(at('key'), { mode: 0o700 });
    writeFileSync(at('key/key'), randomBytes(128), { mode: 0o400 });
    const node = nodeName();
    const [controllerPort, nodePort] = [await freePort(), await freePort()];
    writeFileSync(
      at('slurm.conf'),
      `ClusterName=test
SlurmctldHost=${node}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
AuthType=auth/munge
AuthInfo=socket=${at('socket/munge')}
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('log/slurmctld')}
SlurmdLogFile=${at('log/slurmd')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName=${node} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=${node} Default=YES MaxTime=INFINITE State=UP
`,
    );
    this.#start('munged', [
      ...['--foreground', '--force', '--num-threads=2', `--key-file=${at('key/key')}`],
      ...[`--socket=${at('socket/munge')}`, `--pid-file=${at('munged.pid')}`],
      ...[`--log-file=${at('log/munged')}`, `--seed-file=${at('key/seed')}`],
    ]);
    await this.#until('munged listens', () => existsSync(at('socket/munge')));
    this.#start('slurmctld', ['-D']);
    this.#slurmdWords = ['-D', '-N', node];
    this.startNode();
    await this.#until('the node is idle', () => this.#state() === 'idle');
  }

  /** Starts the daemon of the node, as when the node comes back. */
  startNode(): void {
    this.#start('slurmd', this.#slurmdWords);
  }

  /** Kills the node: its daemon, and everything that it has started. */
  async loseNode(): Promise<void> {
    const at = this.#daemons.findIndex(({ name }) => name === 'slurmd');
    const [daemon] = this.#daemons.splice(at, 1);
    if (daemon) await killAll(daemon.process);
    for (const pid of this.#stepDaemons()) for (const each of below(pid)) kill(each);
    // What the controller finds by itself after SlurmdTimeout.
    this.ask('scontrol', 'update', `NodeName=${nodeName()}`, 'State=DOWN', 'Reason=lost');
  }

  /** Runs a command of Slurm. @returns what it prints */
  ask(program: string, ...words: readonly string[]): string {
    return execFileSync(program, words, {
      encoding: 'utf8',
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Ends the cluster with all its jobs, and removes its folder. */
  async stop(): Promise<void> {
    for (const pid of this.#stepDaemons()) for (const each of below(pid)) kill(each);
    for (const { process: daemon } of this.#daemons.reverse()) await killAll(daemon);
    // What was started while the others were killed.
    for (const pid of this.#stepDaemons()) for (const each of below(pid)) kill(each);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #state(): string {
    try {
      return this.ask('sinfo', '--noheader', '--format=%T').trim();
    } catch {
      return '';
    }
  }

  #start(name: string, words: readonly string[]): void {
    const path = DAEMONS.find((each) => each.endsWith(`/${name}`)) ?? name;
    // With this process, however it ends, the daemons end, too.
    const daemon = spawn('setpriv', ['--pdeathsig', 'KILL', '--', path, ...words], {
      env: { ...process.env, ...this.environment },
      stdio: 'ignore',
      detached: true,
    });
    this.#daemons.push({ name, process: daemon });
  }

  /** The processes that watch over jobs; they leave the daemon's session, and outlive it. */
  #stepDaemons(): readonly number[] {
    return processes().filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('slurmstepd') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SLURM_CONF=${this.folder}/`)
        );
      } catch {
        return false;
      }
    });
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    while (!condition()) {
      const ended = this.#daemons.find(({ process: { exitCode } }) => exitCode !== null);
      if (ended) {
        const log = join(this.folder, 'log', ended.name);
        const said = existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : '';
        throw new Error(`${ended.name} has ended before ${what}:\n${said}`);
      }
      await sleep(50);
    }
  }
}

function nodeName(): string {
  return hostname().split('.')[0] ?? '';
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A process and everything that it has started, the deepest last. */
function below(pid: number): readonly number[] {
  let children: readonly number[] = [];
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    children = text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    // It has ended.
  }
  return [pid, ...children.flatMap(below)];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function killAll(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  kill(daemon.pid);
  await ended;
}
