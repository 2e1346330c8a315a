import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { requireStart } from '../start-failure.ts';
import type { Found } from './sources.ts';

/** The user who runs ipc-sweep and, under sudo, also the user who called it. */
export interface User {
  readonly effective: number | undefined;
  readonly sudo: { readonly uid: number; readonly gid: number } | undefined;
}

/** Protects against a repository on a disk that hangs; git is asked once a session. */
const GIT_MS = 10_000;

/** A repository's own settings can name programs; these options keep git from starting them. */
const QUIET = [
  '--no-pager',
  '--no-optional-locks',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
];

/**
 * Returns the commit of the spec's folder, whether tracked files there differ from it, and whether
 * the spec itself is tracked; or why these are not known. Empty when there is no repository. A
 * repository of another user is not read, because its settings (filters) could start programs.
 * Under sudo, root reads the calling user's repository as that user.
 */
export async function gitState(specFile: string, user: User): Promise<readonly Found[]> {
  let file: string;
  try {
    file = realpathSync(specFile);
  } catch {
    return [];
  }
  let repository: ReturnType<typeof repositoryOf>;
  try {
    repository = repositoryOf(dirname(file));
  } catch (error) {
    return [['git_unread', (error as Error).message]];
  }
  if (!repository || user.effective === undefined) return [];
  const { owner } = repository;
  const asCaller = user.effective === 0 && owner !== 0 && owner === user.sudo?.uid;
  if (owner === undefined || (owner !== user.effective && !asCaller)) {
    return [['git_unread', `${repository.folder} belongs to somebody else`]];
  }
  let unread: string | undefined;
  const git = async (...args: readonly string[]) => {
    const asked = await execa('git', [...QUIET, '-C', dirname(file), ...args], {
      reject: false,
      stdin: 'ignore',
      stderr: 'ignore',
      timeout: GIT_MS,
      maxBuffer: 1 << 20,
      extendEnv: false,
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        LC_ALL: 'C',
        GIT_TERMINAL_PROMPT: '0',
        GIT_NO_LAZY_FETCH: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
      ...(asCaller ? user.sudo : {}),
    });
    requireStart('git', asked);
    if (asked.code === 'ENOENT') unread = 'git is not installed';
    else if (asked.timedOut) unread = `git has not answered within ${GIT_MS / 1000} s`;
    return asked.failed ? undefined : asked.stdout.trim();
  };
  const [commit, changes, tracked] = await Promise.all([
    git('rev-parse', '--verify', 'HEAD'),
    // Many specs have untracked results next to them, and a submodule has settings of its own.
    git('status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty'),
    git('ls-files', '--', file),
  ]);
  if (unread !== undefined) return [['git_unread', unread]];
  if (commit === undefined || !/^[0-9a-f]{40,64}$/.test(commit)) return [];
  return [
    ['git_commit', commit],
    ['git_dirty', changes === undefined ? undefined : Number(changes !== '')],
    ['git_spec_tracked', tracked === undefined ? undefined : Number(tracked !== '')],
  ];
}

/**
 * The owner is undefined if the folder and its `.git` belong to different users.
 * @throws an error of node:fs when it cannot be found out what `.git` is, such as for a link to itself
 */
function repositoryOf(
  folder: string,
): { readonly folder: string; readonly owner: number | undefined } | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const inside = statSync(join(at, '.git'), { throwIfNoEntry: false });
    if (inside) {
      const { uid } = statSync(at);
      return { folder: at, owner: uid === inside.uid ? uid : undefined };
    }
    if (dirname(at) === at) return undefined;
  }
}

/** Finds the user from the environment that sudo leaves. */
export function currentUser(environment: NodeJS.ProcessEnv, effective: number | undefined): User {
  const [uid, gid] = [environment.SUDO_UID, environment.SUDO_GID];
  const known = /^\d{1,10}$/.test(uid ?? '') && /^\d{1,10}$/.test(gid ?? '');
  return { effective, sudo: known ? { uid: Number(uid), gid: Number(gid) } : undefined };
}
