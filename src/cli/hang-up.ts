import { fstatSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2];

/** The bit of SIGHUP in the signal masks of /proc. */
const HANG_UP = 1n;

/**
 * Lets this process end by SIGHUP if its terminal has disappeared. Otherwise Node would try to
 * reset that terminal at exit, fail, and abort with a core dump instead of an exit code.
 */
export function endWithTerminal(): void {
  const terminals = STANDARD.filter(isatty);
  process.once('exit', () => {
    if (terminals.every(isatty)) return;
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}

/** The information used to detect nohup; tests supply their own. */
export interface HangUpSigns {
  readonly environment: NodeJS.ProcessEnv;
  /** The texts of `/proc/PID/status` and `/proc/PID/fdinfo/0`; undefined if there is none. */
  readonly parentStatus: string | undefined;
  readonly standardInput: string | undefined;
  /** Whether standard input is the null device. */
  readonly fromNull: boolean;
}

/**
 * Whether ipc-sweep was started with hang-ups ignored, as by nohup. Node resets an ignored signal
 * before a program runs, so this is detected from the traces that nohup leaves: shells put the name
 * of the program that they started in `_`; a standard input that was a terminal is replaced by the
 * null device, opened for writing only; and a script that runs under nohup ignores the signal
 * itself.
 */
export function hangUpIgnored(signs: HangUpSigns = ownSigns()): boolean {
  if (basename(signs.environment._ ?? '') === 'nohup') return true;
  const flags = /^flags:\s*([0-7]+)$/m.exec(signs.standardInput ?? '')?.[1];
  if (signs.fromNull && flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1) return true;
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(signs.parentStatus ?? '')?.[1];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & HANG_UP) !== 0n;
}

/** Ignores the signal for the rest of this process, whatever else listens to it. */
export function keepIgnoringHangUp(): void {
  process.on('SIGHUP', () => {});
}

function ownSigns(): HangUpSigns {
  return {
    environment: process.env,
    parentStatus: read(`/proc/${process.ppid}/status`),
    standardInput: read('/proc/self/fdinfo/0'),
    fromNull: isNullDevice(),
  };
}

function isNullDevice(): boolean {
  try {
    const found = fstatSync(0);
    return found.isCharacterDevice() && found.rdev === NULL_DEVICE;
  } catch {
    return false; // Closed.
  }
}

/** Major 1, minor 3 on Linux; other systems have no matching fdinfo. */
const NULL_DEVICE = 0x103;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // There is no /proc, or it hides other processes.
  }
}
