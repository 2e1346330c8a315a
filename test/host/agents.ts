import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../src/host/agent-host.ts';
import type { Host, HostCommand } from '../../src/host/host.ts';

/** A place for agents of one test file: their cache, and the folder in which they start commands. */
export interface Place {
  readonly folder: string;
  readonly environment: { readonly PATH: string; readonly HOME: string };
  readonly open: (more?: Readonly<Record<string, string>>) => Promise<Host>;
  /** A command in the place's folder, which cannot hang a test. */
  readonly command: (words: readonly string[], more?: Partial<HostCommand>) => HostCommand;
  /** A shell's. */
  readonly shell: (script: string, more?: Partial<HostCommand>) => HostCommand;
  /** Living processes that work here, or run a program from here. */
  readonly processes: () => readonly string[];
  /** Closes the agents that a test has left open. */
  readonly closeAll: () => Promise<void>;
  readonly remove: () => void;
}

export function makePlace(name: string): Place {
  const folder = mkdtempSync(join(tmpdir(), `ipc-sweep-${name}-test-`));
  const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: folder } as const;
  const opened: Host[] = [];
  const command: Place['command'] = (words, more) => ({
    words,
    environment: { PATH: environment.PATH, LC_ALL: 'C' },
    folder,
    deadlineMs: 60_000,
    outputLimits: { stdout: 1_000_000, stderr: 1_000_000 },
    lingerMs: 0,
    ...more,
  });
  return {
    folder,
    environment,
    command,
    shell: (script, more) => command(['sh', '-c', script], more),
    async open(more) {
      const host = await openHost('local', { environment: { ...environment, ...more } });
      opened.push(host);
      return host;
    },
    processes: () => processesIn(folder),
    async closeAll() {
      for (const host of opened.splice(0)) await host.close();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Living processes with their folder, their program or their home in a folder: `PID WORDS`. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const links = ['cwd', 'exe'].map((name) => readlinkSync(`/proc/${pid}/${name}`));
      const home = readFileSync(`/proc/${pid}/environ`, 'latin1')
        .split('\0')
        .includes(`HOME=${folder}`);
      const isHere = (path: string) => path === folder || path.startsWith(`${folder}/`);
      if (!home && !links.some(isHere)) return [];
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [`${pid} ${words}`];
    } catch {
      return []; // It has ended, or is a zombie.
    }
  });
}
