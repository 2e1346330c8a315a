import { ExitCode, UserError } from '../errors.ts';

interface Shortage {
  readonly code: string;
  /** Matches the words of programs that report it themselves. */
  readonly said: RegExp;
  readonly reason: string;
  readonly hint: string;
}

/** The resources whose lack can keep a machine from starting a program that exists. */
const SHORTAGES: readonly Shortage[] = [
  {
    code: 'EAGAIN',
    said: /Resource temporarily unavailable|Cannot fork|\bEAGAIN\b/,
    reason: 'no more processes are allowed here (EAGAIN)',
    hint: 'allow more of them (ulimit -u; pids.max or --pids-limit of a container; TasksMax of systemd), or end some',
  },
  {
    code: 'ENOMEM',
    said: /Cannot allocate memory|\bENOMEM\b|virtual memory exhausted/,
    reason: 'there is no memory for another process (ENOMEM)',
    hint: 'end something large, or allow more memory (ulimit -v; --memory of a container)',
  },
  {
    code: 'EMFILE',
    said: /Too many open files(?! in system)|\bEMFILE\b/,
    reason: 'too many files are open (EMFILE)',
    hint: 'allow more open files (ulimit -n 1024)',
  },
  {
    code: 'ENFILE',
    said: /Too many open files in system|\bENFILE\b/,
    reason: 'the system has too many open files (ENFILE)',
    hint: 'end what holds them, or raise fs.file-max (Linux), kern.maxfiles (FreeBSD, macOS)',
  },
  {
    code: 'EFBIG',
    said: /File size limit exceeded|File too large|\bEFBIG\b/,
    reason: 'files may not grow that large here (EFBIG)',
    hint: 'raise the limit (ulimit -f unlimited), or remove it',
  },
  {
    code: 'ENOSPC',
    said: /No space left on device|\bENOSPC\b/,
    reason: 'there is no room left (ENOSPC)',
    hint: 'make room where temporary files are kept (TMPDIR) and where this is written',
  },
];

/** Tells what this machine lacks, by a failed start's code or output; undefined if nothing. */
export function shortageOf(
  failure: { readonly code?: string | undefined },
  said = '',
): Pick<Shortage, 'code' | 'reason' | 'hint'> | undefined {
  return SHORTAGES.find(({ code, said: words }) => code === failure.code || words.test(said));
}

/**
 * Must be called before a failed start is taken to mean "it is not installed".
 * @param failure a host's end of the command, or execa's result: `code` is errno's name
 * @throws UserError when the machine did not start it although it may well exist
 */
export function requireStart(
  command: string,
  failure: { readonly code?: string | undefined },
): void {
  const shortage = shortageOf(failure);
  if (!shortage) return;
  throw new UserError(`cannot start ${command}: ${shortage.reason}`, {
    hint: shortage.hint,
    exitCode: ExitCode.machine,
  });
}
