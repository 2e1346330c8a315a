// Hosts for the tests: ssh servers of this machine, each with a home, a cache and temporary files of
// its own, and an `ssh` that knows them all. Everything is under one folder and ends with `stop`.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { importTs } from './import-ts.mjs';

const { noSshd, startSshd } = await importTs('test/host/sshd.ts');

export { noSshd };

/**
 * @param folder where the boards live; it is the caller's to remove
 * @param options for {@link startSshd}, by a board's name
 */
export async function startBoards(folder, names, options = {}) {
  const boards = [];
  for (const name of names) {
    const place = (part) => join(folder, name, part);
    for (const part of ['cache', 'home', 'tmp']) mkdirSync(place(part), { recursive: true });
    const own = options[name] ?? {};
    const set = `SetEnv XDG_CACHE_HOME=${place('cache')} HOME=${place('home')} TMPDIR=${place('tmp')}`;
    const sshd = await startSshd({
      ...own,
      aliases: { [name]: [] },
      server: own.server ?? [set],
    });
    boards.push({ name, sshd, place });
  }
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const included = boards.map(({ sshd }) => `Include ${join(sshd.folder, 'ssh_config')}\n`);
  writeFileSync(join(bin, 'ssh_config'), included.join(''));
  const config = join(bin, 'ssh_config');
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`);
  chmodSync(join(bin, 'ssh'), 0o755);
  return {
    boards,
    /** The environment that a command needs to reach them. */
    // All of them are this machine, which one of them would keep from the others.
    environment: { PATH: `${bin}:${process.env.PATH}`, IPC_SWEEP_HOST_LOCK: 'off' },
    /** Files of the boards that are not in their caches, or that an agent should have removed. */
    leftovers: () =>
      boards.flatMap(({ place }) => [
        ...under(place('home')),
        ...under(place('tmp')),
        ...under(place('cache/ipc-sweep/agent-files')),
        ...under(place('cache')).filter((path) => /\.draft|\.building/.test(path)),
      ]),
    stop: () => Promise.all(boards.map(({ sshd }) => sshd.stop())),
  };
}

function under(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
}

/** A process as /proc has it; the time of its start tells it from a later one of the same number. */
export function processOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    return { pid, name, state: words[0], parent: Number(words[1]), started: words[19] };
  } catch {
    return undefined;
  }
}

/** All processes below some others, themselves left out. */
export function descendantsOf(...pids) {
  const all = readdirSync('/proc').flatMap((name) => {
    const found = /^\d+$/.test(name) ? processOf(Number(name)) : undefined;
    return found ? [found] : [];
  });
  const below = new Set(pids);
  const found = [];
  for (let more = true; more; ) {
    more = false;
    for (const one of all) {
      if (below.has(one.pid) || !below.has(one.parent)) continue;
      below.add(one.pid);
      found.push(one);
      more = true;
    }
  }
  return found;
}

/** Notes who was ever below some processes, and says who of them is still there. */
export class Watch {
  #seen = new Map();
  #timer;

  /** @param roots the processes, asked for each time */
  constructor(roots) {
    const look = () => {
      for (const one of descendantsOf(...roots())) {
        this.#seen.set(`${one.pid} ${one.started}`, one);
      }
    };
    this.#timer = setInterval(look, 50);
  }

  living() {
    return [...this.#seen.values()].filter(({ pid, started }) => {
      const now = processOf(pid);
      return now !== undefined && now.started === started && now.state !== 'Z';
    });
  }

  stop() {
    clearInterval(this.#timer);
  }
}
