import { programOfHashKey } from '../store/environment-rows.ts';

/** A fact that differs between two environments and affects figures. */
export interface EnvironmentDifference {
  /** Documented in docs/environment.md. */
  readonly code: string;
  readonly key: string;
  readonly a: string;
  readonly b: string;
  /** The fact in words: `the kernel`. */
  readonly what: string;
  readonly message: string;
}

interface Rule {
  readonly key: string;
  readonly code: string;
  /** A description of the difference and why it matters. */
  readonly what: string;
  /** The meaning of the fact's absence; without it, a fact that one side lacks is not compared. */
  readonly absent?: string;
}

/** The most significant rules first. */
const RULES: readonly Rule[] = [
  { key: 'benchmark_sha256', code: 'benchmark', what: 'the benchmark program' },
  { key: 'os_name', code: 'os', what: 'the operating system' },
  { key: 'os_release', code: 'kernel', what: 'the kernel' },
  { key: 'os_version', code: 'kernel-build', what: "the kernel's build" },
  {
    key: 'kernel_debug',
    code: 'kernel-debug',
    what: 'lock checking in the kernel',
    absent: 'none',
  },
  { key: 'architecture', code: 'architecture', what: 'the architecture' },
  { key: 'cpu_model', code: 'cpu', what: 'the processor' },
  { key: 'cpu_count', code: 'cpu-count', what: 'the number of processors' },
  { key: 'cpus_allowed', code: 'cpus-allowed', what: 'the set of processors that may be used' },
  { key: 'cpu_quota_processors', code: 'cpu-quota', what: 'the CPU quota', absent: 'none' },
  { key: 'smt', code: 'smt', what: 'simultaneous multithreading' },
  { key: 'virtualisation', code: 'virtualisation', what: 'virtualisation' },
  { key: 'cpu_governor', code: 'governor', what: 'the frequency governor' },
  { key: 'powerd', code: 'governor', what: 'powerd' },
  { key: 'turbo', code: 'turbo', what: 'turbo' },
  { key: 'power_source', code: 'power', what: 'the power source' },
  { key: 'tuned', code: 'tuned', what: '`run --tune`', absent: '0' },
  { key: 'clock_source', code: 'clock-source', what: 'the clock source' },
  { key: 'page_size_bytes', code: 'page-size', what: 'the page size' },
  { key: 'aslr', code: 'aslr', what: 'address space randomisation' },
  { key: 'cpu_mitigated', code: 'mitigations', what: 'mitigations in the kernel' },
  { key: 'page_table_isolation', code: 'mitigations', what: 'page table isolation' },
  { key: 'tracer', code: 'tracer', what: 'the tracer' },
  { key: 'tracer_version', code: 'tracer', what: "the tracer's version" },
  { key: 'trace_program_sha256', code: 'trace-program', what: 'the tracing program' },
  { key: 'ipc_sweep_version', code: 'ipc-sweep', what: "ipc-sweep's version" },
];

/** Rules for the benchmarks of a sweep that compares several, each under its name. */
function programRules(facts: ReadonlyMap<string, string>): readonly Rule[] {
  return [...facts.keys()].flatMap((key) => {
    const program = programOfHashKey(key);
    return program === undefined
      ? []
      : [{ key, code: 'benchmark', what: `the program ${program}` }];
  });
}

/** Hashes can be told apart by far fewer digits. */
const SHOWN_HASH = 12;

/**
 * Lists what must be said before figures of two environments are compared.
 * @param a facts by key, as `environmentFacts` reads them
 * @returns the differences that matter, the most significant first; a fact that is not known on one
 * side does not count as a difference
 */
export function environmentDifferences(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
): readonly EnvironmentDifference[] {
  return [...RULES, ...programRules(a)].flatMap(({ key, code, what, absent }) => {
    const left = a.get(key) ?? absent;
    const right = b.get(key) ?? absent;
    if (left === undefined || right === undefined || left === right) return [];
    const message = `${what} differs: ${factText(key, left)} and ${factText(key, right)}`;
    return [{ code, key, a: left, b: right, what, message }];
  });
}

/** A fact as it is shown; a hash is cut to its first digits. @param key as `environmentFacts` has it */
export function factText(key: string, value: string): string {
  return /_sha256\b|^git_commit$/.test(key) ? value.slice(0, SHOWN_HASH) : value;
}
