import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What SQLite and ipc-sweep keep beside a database. */
const DATABASE_FILES = [
  ...['', '.lock', '.holder', '-wal', '-shm', '-journal', '.saved', '.recovered'],
];

/** A program's folder; that of an agent names the system, too, for a home that machines share. */
const BUILT = /^([a-z-]+)-[0-9a-f]{16}(?:-[\w.-]+)?$/;
/** Each agent's own folder in it is gone when the agent has ended. */
const AGENT_FILES = 'agent-files';

/**
 * Under sudo: gives what was written to the user who called it, who could not change or remove it
 * otherwise. Only what belongs to root and lies where it was written; no link is followed, and a
 * file with another name elsewhere is left alone. Elsewhere it does nothing.
 */
export class Ownership {
  readonly #user: { readonly uid: number; readonly gid: number } | undefined;
  readonly #folders: string[] = [];
  readonly #made = new Set<string>();
  readonly #files: string[] = [];

  constructor(environment: NodeJS.ProcessEnv, effectiveUser: number | undefined) {
    const [uid, gid] = [environment.SUDO_UID, environment.SUDO_GID].map(idOf);
    if (effectiveUser === 0 && uid && gid !== undefined) this.#user = { uid, gid };
  }

  /** To be called before the folder is written to: it, and folders above it, may not be there yet. */
  folder(path: string): void {
    const own: string[] = [];
    for (let at = resolve(path); ; at = dirname(at)) {
      const absent = !existsSync(at);
      if (absent) this.#made.add(at);
      if (absent || own.length === 0) own.unshift(at);
      if (!absent || dirname(at) === at) break;
    }
    this.#folders.push(...own);
  }

  file(path: string): void {
    this.#files.push(path);
  }

  database(path: string): void {
    this.folder(dirname(path));
    for (const side of DATABASE_FILES) this.file(path + side);
  }

  handBack(): void {
    if (!this.#user) return;
    const { uid } = this.#user;
    for (const folder of this.#folders) {
      // A sweep that was killed has left folders of root's in the user's own.
      const theirs = this.#made.has(folder) || ownerOf(dirname(folder)) === uid;
      if (theirs) this.#give(folder, constants.O_DIRECTORY);
    }
    for (const file of this.#files) this.#give(file, constants.O_NONBLOCK);
  }

  /**
   * Programs that were built, each in a folder of its own, and the folder in which agents make
   * theirs. Only in a cache that lies in a folder of the user's: one in root's home stays root's,
   * for root will run what is in it.
   */
  handBackPrograms(cache: string): void {
    if (!this.#user) return;
    const { uid } = this.#user;
    const giveFolder = (folder: string) => {
      if (ownerOf(dirname(folder)) === uid) this.#give(folder, constants.O_DIRECTORY);
    };
    for (const folder of [dirname(cache), cache]) giveFolder(folder);
    if (ownerOf(cache) !== uid) return;
    for (const name of readdirSync(cache)) {
      const program = BUILT.exec(name)?.[1];
      const folder = join(cache, name);
      if (!lstatSync(folder).isDirectory()) continue;
      if (program !== undefined || name === AGENT_FILES) giveFolder(folder);
      if (program !== undefined) this.#give(join(folder, program), constants.O_NONBLOCK);
    }
  }

  #give(path: string, flags: number): void {
    let file: number;
    try {
      file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | flags);
    } catch {
      return; // Not there, or a link.
    }
    try {
      const { uid, nlink } = fstatSync(file);
      const single = flags === constants.O_DIRECTORY || nlink === 1;
      if (uid === 0 && single && this.#user) fchownSync(file, this.#user.uid, this.#user.gid);
    } finally {
      closeSync(file);
    }
  }
}

function idOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
