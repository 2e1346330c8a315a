import { fstatSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';

const STANDARD = [0, 1, 2];

/** The bit of SIGHUP in what /proc says of a process's signals. */
const HANG_UP = 1n;

/**
 * Lets this process end by SIGHUP when its terminal has gone meanwhile. Node would set that terminal
 * back as it ends, fail, and abort, with a core instead of an exit code.
 */
export function endWithTerminal(): void {
  const terminals = STANDARD.filter(isatty);
  process.once('exit', () => {
    if (terminals.every(isatty)) return;
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}

/** What is looked at to find out about nohup; tests pass their own. */
export interface HangUpSigns {
  readonly environment: NodeJS.ProcessEnv;
  /** The text of `/proc/PID/status`, or `/proc/PID/fdinfo/0`; undefined where there is none. */
  readonly parentStatus: string | undefined;
  readonly standardInput: string | undefined;
  /** Whether standard input is the null device. */
  readonly fromNull: boolean;
}

/**
 * Whether whoever started ipc-sweep has hang-ups ignored, as nohup does. Node sets an ignored signal
 * back before any of a program runs, so that this is read from what nohup leaves behind: shells note
 * in `_` what they have started; a standard input that was a terminal is the null device, open
 * for writing alone; and a script that runs under nohup ignores the signal itself.
 */
export function hangUpIgnored(signs: HangUpSigns = ownSigns()): boolean {
  if (basename(signs.environment._ ?? '') === 'nohup') return true;
  const flags = /^flags:\s*([0-7]+)$/m.exec(signs.standardInput ?? '')?.[1];
  if (signs.fromNull && flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1) return true;
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(signs.parentStatus ?? '')?.[1];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & HANG_UP) !== 0n;
}

/** For the whole of this process, whatever else listens to the signal. */
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

/** Major 1, minor 3, on Linux; elsewhere there is no fdinfo to go with it. */
const NULL_DEVICE = 0x103;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // There is no /proc, or it shows nothing of others.
  }
}
