/** The most frames that the programs ask for: bpftrace's and the D programs name it, too. */
export const MOST_FRAMES = 64;

/** Where the processor was when a sample was taken. */
export type SampledIn = 'kernel' | 'program' | 'libraries' | 'user';

/** Frames that stand for what no tracer can name. */
const USER_CODE = '[user code]';
const CALLERS_CUT = '[callers cut off]';
export const NO_STACK = '[no stack]';
const UNKNOWN = '[unknown]';

const USER_STACKS = {
  program: `${USER_CODE};[program]`,
  libraries: `${USER_CODE};[libraries]`,
  user: USER_CODE,
} as const;

/** Longer names are cut: those of C++ have no limit. */
const NAME_LENGTH = 200;

/**
 * Folds a stack as tracers print it, one frame a line and the innermost first, into
 * `root;caller;function`. Places within a function become one (`vfs_write+920` and `vfs_write+12`),
 * and so do addresses without a name, which change with every start of the machine. If the stack is
 * as long as a stack can be, its outermost callers are missing, which its root then says.
 * @param lines only those of kernel code have any
 * @returns undefined if a line is no frame
 */
export function foldedStack(sampledIn: SampledIn, lines: readonly string[]): string | undefined {
  if (sampledIn !== 'kernel') return lines.length === 0 ? USER_STACKS[sampledIn] : undefined;
  if (lines.length === 0) return NO_STACK;
  const names = lines.map(frameName);
  if (names.some((name) => name === undefined)) return undefined;
  if (names.length >= MOST_FRAMES) names.push(CALLERS_CUT);
  return names.reverse().join(';');
}

/**
 * Reads `function+12` as bpftrace prints it, and `module\`function+0xc` or `0xffffffff81000000` as
 * dtrace does. The kernel itself is no module worth naming.
 */
function frameName(line: string): string | undefined {
  const [, module, name] =
    /^(?:([\w.-]{1,64})`)?([^\s`\p{Cc}][^`\p{Cc}]*?)(?:\+(?:0x[\da-f]+|\d+))?$/u.exec(
      line.trim(),
    ) ?? [];
  if (name === undefined) return undefined;
  const known = /^0x[\da-f]+$/.test(name) ? UNKNOWN : name.slice(0, NAME_LENGTH).trim();
  const outside = module !== undefined && module !== 'kernel' && module !== 'vmlinux';
  // A semicolon separates frames.
  return `${outside ? `${module}\`` : ''}${known.replaceAll(';', ':')}`;
}

/** Functions in which the kernel runs a tracer's probes, on Linux and on FreeBSD. */
const TRACING =
  /(?:^|;)(?:perf_trace_\w+|perf_tp_event|trace_call_bpf|bpf_trace_run\d*|syscall_trace_enter|(?:dtrace|fbt|systrace)(?:\.ko)?`\w+)(?:[;.]|$)/;

/** Whether a sample was taken while the kernel worked for a tracer, as far as that can be seen. */
export function isTracing(stack: string): boolean {
  return TRACING.test(stack);
}
