import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

/** Something that ipc-sweep needs and that a system's package manager provides. */
export type Needed = 'compiler' | 'bpftrace' | 'strace' | 'sqlite3';

/** The facts that tell how programs are installed on a machine. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** The text of /etc/os-release; empty if there is none. */
  readonly osRelease: string;
  readonly has: (command: string) => boolean;
  readonly root: boolean;
}

interface Manager {
  readonly command: string;
  /** The words between the command and the packages. */
  readonly install: string;
  /** The system's name, or that of a similar system, as in /etc/os-release. */
  readonly systems: readonly string[];
  readonly packages: Readonly<Record<Needed, string>>;
}

const SAME = { bpftrace: 'bpftrace', strace: 'strace', sqlite3: 'sqlite' } as const;

const MANAGERS: readonly Manager[] = [
  {
    command: 'apt-get',
    install: 'install',
    systems: ['debian', 'ubuntu'],
    packages: { ...SAME, compiler: 'gcc libc6-dev', sqlite3: 'sqlite3' },
  },
  {
    command: 'dnf',
    install: 'install',
    systems: ['fedora', 'rhel', 'centos', 'ol'],
    packages: { ...SAME, compiler: 'gcc' },
  },
  {
    command: 'yum',
    install: 'install',
    systems: ['rhel', 'centos', 'ol', 'amzn'],
    packages: { ...SAME, compiler: 'gcc' },
  },
  {
    command: 'zypper',
    install: 'install',
    systems: ['suse', 'opensuse'],
    packages: { ...SAME, compiler: 'gcc', sqlite3: 'sqlite3' },
  },
  {
    command: 'pacman',
    install: '-S',
    systems: ['arch'],
    packages: { ...SAME, compiler: 'gcc' },
  },
  {
    command: 'apk',
    install: 'add',
    systems: ['alpine'],
    packages: { ...SAME, compiler: 'build-base' },
  },
];

/** Returns what to type to install something with this system's package manager. */
export function installCommand(needed: Needed, system: System): string {
  const { platform } = system;
  const sudo = system.root ? '' : 'sudo ';
  if (platform === 'darwin')
    return needed === 'compiler' ? 'xcode-select --install' : `brew install ${needed}`;
  if (platform === 'freebsd') {
    return needed === 'compiler'
      ? `cc is in the base system (${sudo}pkg install llvm brings another)`
      : `${sudo}pkg install ${needed}`;
  }
  if (platform === 'sunos') {
    return `${sudo}pkg install ${needed === 'compiler' ? 'gcc13' : needed}`;
  }
  const ids = namesOf(system.osRelease);
  const there = MANAGERS.filter(({ command }) => system.has(command));
  // Some systems package another system's manager.
  const manager = there.find(({ systems }) => systems.some((id) => ids.includes(id))) ?? there[0];
  if (!manager) {
    const what =
      needed === 'compiler' ? 'a C compiler (cc) and the headers of the C library' : needed;
    return `${what}, with the package manager of this system`;
  }
  return `${sudo}${manager.command} ${manager.install} ${manager.packages[needed]}`;
}

function namesOf(osRelease: string): readonly string[] {
  return [...osRelease.matchAll(/^ID(?:_LIKE)?=["']?([^"'\n]*)/gm)].flatMap(([, words = '']) =>
    words.split(/[\s-]+/),
  );
}

/** Finds out how programs are installed on a host. */
export async function systemOf(host: Host): Promise<System> {
  const commands = MANAGERS.map(({ command }) => command).join(' ');
  const look = `for each in ${commands}; do command -v "$each"; done; true`;
  const { stdout } = await runSmall(host, { words: ['sh', '-c', look] });
  const found = new Set(stdout.split('\n').map((path) => path.replace(/^.*\//, '')));
  const release =
    (await host.readFile('/etc/os-release')) ?? (await host.readFile('/usr/lib/os-release'));
  return {
    platform: host.machine.platform,
    osRelease: release?.toString('utf8') ?? '',
    has: (command) => found.has(command),
    root: host.machine.user === 0,
  };
}
