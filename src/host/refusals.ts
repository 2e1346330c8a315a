import { ExitCode, UserError } from '../errors.ts';
import type { Failure } from './bootstrap.ts';
import { LOCAL_HOST } from './host-name.ts';
import { shortageOf } from './start-failure.ts';

/** Describes how an attempt to start an agent ended. */
export interface Attempt {
  /** `local`, or a destination of ssh. */
  readonly host: string;
  /** The program that was started here: sh, ssh or sudo. */
  readonly program: string;
  /** The path of the agent that sudo was supposed to start; undefined without sudo. */
  readonly agentPath: string | undefined;
  readonly failed: Failure | undefined;
  /** The failure's own words, or whatever was printed before the agent should have spoken. */
  readonly text: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** The error code of the start itself, such as ENOENT. */
  readonly code: string | undefined;
  readonly aborted: boolean;
}

const MOST_LINES = 12;
const THIS_MACHINE = 'this machine';

/** Pure function: explains why there is no agent, and gives the one thing to type. */
export function agentRefusal(attempt: Attempt): UserError {
  const { host, program, agentPath, failed, text, stderr, aborted } = attempt;
  const here = host === LOCAL_HOST ? THIS_MACHINE : host;
  const error = (message: string, hint: string) =>
    new UserError(message, { hint, exitCode: aborted ? ExitCode.interrupted : ExitCode.machine });
  if (aborted) return error(`${here}: interrupted before its agent had started`, 'run it again');
  if (failed !== undefined) return failedThere(failed, here, text, error);
  if (attempt.code === 'ENOENT' && program === 'sudo') {
    return sudoRefused(host, 'sudo: not found', agentPath);
  }
  if (attempt.code === 'ENOENT') {
    return error(`${program} is not installed`, installHint(program, host));
  }
  const said = lastLines(stderr || text, 3) || `it ended with exit code ${attempt.exitCode}`;
  const bySudo = /^sudo: /m.test(stderr);
  const sshFailed = attempt.exitCode === 255 || attempt.exitCode === undefined;
  if (program === 'ssh' && sshFailed && !bySudo) {
    return refusedBySsh(host, stderr, said, error);
  }
  if (agentPath !== undefined || bySudo) {
    return sudoRefused(host, stderr || text, agentPath);
  }
  const shortage = shortageOf(attempt, stderr + text);
  return error(
    `${here}: its agent did not start: ${shortage?.reason ?? said}`,
    shortage
      ? shortage.hint
      : host === LOCAL_HOST
        ? '`ipc-sweep doctor` says what this machine lacks'
        : `try it by hand: ssh ${host} sh -c true; nothing in the login shell's files there may end it or read its input`,
  );
}

type MakeError = (message: string, hint: string) => UserError;

function failedThere(failed: Failure, here: string, text: string, error: MakeError): UserError {
  const said = lastLines(text, MOST_LINES);
  const noRoom = failed === 'compile' && /No space left|quota exceeded/i.test(text);
  const shortage = shortageOf({}, text);
  const there = here === THIS_MACHINE ? '' : ' there';
  switch (noRoom ? 'folder' : failed) {
    case 'compiler':
      return error(
        `${here}: no C compiler: there is no \`${said}\``,
        'install one: apt-get install gcc libc6-dev (Debian, Ubuntu), dnf install gcc, apk add build-base, xcode-select --install (macOS), pkg install gcc13 (illumos); on FreeBSD cc is in the base system',
      );
    case 'compile':
      return error(
        `${here}: compiling the agent failed:\n${text.split('\n').slice(0, MOST_LINES).join('\n')}`,
        shortage
          ? `${shortage.reason}: ${shortage.hint}`
          : 'a headers package may be missing (libc6-dev); else please report this with the output of `cc --version` and `uname -a`',
      );
    case 'folder':
      return error(
        `${here}: the agent cannot be kept: ${said}`,
        shortage?.code === 'EFBIG'
          ? shortage.hint
          : `set XDG_CACHE_HOME${there} to a folder that can be written and has room`,
      );
    case 'run':
      return error(
        `${here}: cannot run what it has built: ${said}`,
        `${/mounted noexec/.test(said) ? '' : 'the cache may lie on a file system that is mounted noexec: '}set XDG_CACHE_HOME${there} to a folder on another one`,
      );
  }
}

/** The messages of ssh, in the order in which things can go wrong. */
const SSH_WORDS: readonly (readonly [RegExp, string, (host: string) => string])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|host key .* has changed|Offending .* key/is,
    'its host key has changed since it was first seen',
    (host) =>
      `if the machine was set up anew, remove the old key (ssh-keygen -R ${bare(host)}) and accept the new one: ssh ${host} true`,
  ],
  [
    /Host key verification failed|No .* host key is known/i,
    'its host key is not known yet',
    (host) => `look at it and accept it once: ssh ${host} true`,
  ],
  [
    /Could not resolve hostname/i,
    'there is no such name',
    (host) => `check the name, or add it to ~/.ssh/config; try: ssh ${host} true`,
  ],
  [
    /Permission denied|Too many authentication failures/i,
    'it does not let this user in without a password',
    (host) =>
      `install your key there: ssh-copy-id ${host}; or name another user: user@${bare(host)}`,
  ],
  [
    /Connection refused/i,
    'no ssh server answers there',
    (host) => `start sshd there, or give its port in ~/.ssh/config; try: ssh ${host} true`,
  ],
  [
    /timed out|No route to host|Network is unreachable|Host is down/i,
    'it cannot be reached',
    (host) => `is it switched on and in this network? try: ssh ${host} true`,
  ],
];

function refusedBySsh(host: string, stderr: string, said: string, error: MakeError): UserError {
  const known = SSH_WORDS.find(([pattern]) => pattern.test(stderr));
  if (!known) return error(`${host}: ssh failed: ${said}`, `try it by hand: ssh ${host} true`);
  return error(`${host}: ${known[1]} (${lastLines(stderr, 1)})`, known[2](host));
}

/** Thrown when sudo did not start an agent, or must not because others could replace it. */
export class SudoRefused extends UserError {
  readonly reason: string;
  readonly mend: string;

  constructor(host: string, reason: string, mend: string) {
    const here = host === LOCAL_HOST ? THIS_MACHINE : host;
    super(`${here}: ${reason}`, { hint: mend, exitCode: ExitCode.machine });
    this.reason = reason;
    this.mend = mend;
  }
}

/** Pure function: explains why sudo did not start the agent, and gives the one thing to type. */
export function sudoRefused(host: string, said: string, agentPath?: string): SudoRefused {
  const refused = (reason: string, mend: string) => new SudoRefused(host, reason, mend);
  const last = lastLines(said, 1);
  const asRoot =
    host === LOCAL_HOST
      ? 'or run ipc-sweep itself as root: sudo npx ipc-sweep ...'
      : `or name the host root@${bare(host)}`;
  const agent = agentPath ?? 'the agent';
  const rule = `a rule that permits ${agent} without one (see "Who needs root" in docs/tracing.md)`;
  const shortage = shortageOf({}, said);
  if (shortage) return refused(`sudo cannot be started: ${shortage.reason}`, shortage.hint);
  if (/sudo: (command )?not found/.test(said)) {
    return refused('sudo is not installed', `install it, ${asRoot}`);
  }
  if (/password is required|authentication is required|terminal is required/i.test(said)) {
    // A ticket of sudo is valid in one terminal, and over ssh there is none.
    const first = host === LOCAL_HOST ? 'run `sudo -v` first, or add' : 'add';
    return refused('sudo asks for a password', `${first} ${rule}`);
  }
  if (/not allowed|may not run|not in the sudoers|I'm afraid I can't/.test(said)) {
    return refused(`no sudo rule permits it (${last})`, `add ${rule}, ${asRoot}`);
  }
  return refused(`sudo does not start the agent: ${last}`, `add ${rule}, ${asRoot}`);
}

function installHint(program: string, host: string): string {
  if (program === 'ssh') return 'install it: apt-get install openssh-client';
  return `\`${program}\` must be in the PATH of ${host}`;
}

function bare(host: string): string {
  return host.slice(host.lastIndexOf('@') + 1);
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
