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

/** Suffixes of the files that SQLite and ipc-sweep keep for a database. */
const DATABASE_FILES = [
  ...['', '.lock', '.holder', '-wal', '-shm', '-journal', '.saved', '.recovered'],
];

/** A program's folder; an agent's also names the system, for a home shared by machines. */
const BUILT = /^([a-z-]+)-[0-9a-f]{16}(?:-[\w.-]+)?$/;
/** Each agent has its own folder in this one, which is removed when the agent ends. */
const AGENT_FILES = 'agent-files';

/**
 * Under sudo, gives written files to the user who called it, who otherwise could not change or
 * remove them. Only files that belong to root and are still in their place are given away; links
 * are not followed, and a file with another hard link is left alone. Without sudo it does nothing.
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

  /**
   * Must be called before anything is written to the folder: it, and its parents, may not exist
   * yet.
   */
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
      // A killed sweep may have left folders owned by root in the user's own folder.
      const theirs = this.#made.has(folder) || ownerOf(dirname(folder)) === uid;
      if (theirs) this.#give(folder, constants.O_DIRECTORY);
    }
    for (const file of this.#files) this.#give(file, constants.O_NONBLOCK);
  }

  /**
   * Hands back the programs that were built, each in its own folder, and the folder where agents
   * make theirs. This is only done for a cache in one of the user's folders: a cache in root's home
   * stays root's, because root will run the programs in it.
   */
  handBackPrograms(cache: string): void {
    if (!this.#user) return;
    const { uid } = this.#user;
    const giveFolder = (folder: string) => {
      if (ownerOf(dirname(folder)) === uid) this.#give(folder, constants.O_DIRECTORY);
    };
    for (const folder of [dirname(cache), cache]) giveFolder(folder);
    if (ownerOf(cache) !== uid) return;
    for (const name of namesIn(cache)) {
      const program = BUILT.exec(name)?.[1];
      const folder = join(cache, name);
      if (!isFolder(folder)) continue;
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

// A file that is to be handed back may have been removed or replaced by now. That must not hide the
// command's own message, so these functions treat it as absent.

function ownerOf(path: string): number | undefined {
  return unlessGone(() => statSync(path).uid);
}

function namesIn(folder: string): readonly string[] {
  return unlessGone(() => readdirSync(folder)) ?? [];
}

function isFolder(path: string): boolean {
  return unlessGone(() => lstatSync(path).isDirectory()) ?? false;
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
