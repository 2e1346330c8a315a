import { z } from 'zod';
import { type Json, MOST_VALUES, readJson } from './json.ts';
import { readCounters } from './sample-counters.ts';

/** The data of one iteration. Durations are in ns; what `-g` adds is absent without it. */
export interface Sample {
  readonly iteration: number;
  readonly elapsedNs: number;
  /** Computed from total and elapsed time, because upstream prints the rate in single precision. */
  readonly bandwidthBytesPerS: number;
  readonly systemTimeNs?: number;
  readonly userTimeNs?: number;
  readonly messagesSent?: number;
  readonly messagesReceived?: number;
  readonly voluntarySwitches?: number;
  readonly involuntarySwitches?: number;
  /** The counters of `-P` by their names, and any other number; absent if there are none. */
  readonly counters?: ReadonlyMap<string, number>;
}

export type BenchmarkOutput =
  | { readonly state: 'samples'; readonly samples: readonly Sample[] }
  | { readonly state: 'unreadable'; readonly reason: string };

const seconds = z.union([z.string().regex(/^-?\d{1,9}\.\d{1,9}$/), z.number()]);
const counter = z.number().int().min(0).optional();

const datum = z.looseObject({
  time: seconds,
  bandwidth: z.number().nullable(),
  stime: seconds.optional(),
  utime: seconds.optional(),
  msgsnd: counter,
  msgrcv: counter,
  nvcsw: counter,
  nivcsw: counter,
});

const KNOWN: ReadonlySet<string> = new Set(Object.keys(datum.shape));

/** The samples are checked one by one: a list of wrong samples would give as many errors. */
const document = z.looseObject({ benchmark_samples: z.array(z.unknown()) });

/**
 * Reads the JSON of a run that exited with 0. Valid JSON does not mean success: there must also be
 * as many samples as iterations.
 * @param expected what was asked for on the command line
 */
export function readOutput(
  text: string,
  expected: { readonly iterations: number; readonly totalBytes: number },
): BenchmarkOutput {
  if (text.trim() === '') return unreadable('the benchmark printed nothing');
  const json = jsonOf(text);
  if (json.state === 'too-large') {
    return unreadable(`JSON of more than ${MOST_VALUES} values: ${excerpt(text)}`);
  }
  if (json.state === 'broken') return unreadable(`not JSON: ${excerpt(text)}`);
  const misshapen = (error: z.ZodError, prefix: readonly PropertyKey[]) => {
    const path = [...prefix, ...(error.issues[0]?.path ?? [])].map(String);
    return unreadable(`JSON of another shape at ${path.join('.') || 'the top'}: ${excerpt(text)}`);
  };
  const parsed = document.safeParse(json.value);
  if (!parsed.success) return misshapen(parsed.error, []);
  const data = parsed.data.benchmark_samples;
  if (data.length !== expected.iterations) {
    return unreadable(`${data.length} samples, expected ${expected.iterations}`);
  }
  const samples: Sample[] = [];
  for (const [at, given] of data.entries()) {
    const read = datum.safeParse(given);
    if (!read.success) return misshapen(read.error, ['benchmark_samples', at]);
    const raw = read.data;
    const elapsedNs = toNanoseconds(raw.time);
    const durations = [raw.time, raw.stime ?? 0, raw.utime ?? 0];
    if (!durations.every((value) => Number.isSafeInteger(toNanoseconds(value)))) {
      return unreadable(`sample ${at + 1} has a time out of range: ${durations.join(', ')} s`);
    }
    if (elapsedNs <= 0) {
      return unreadable(`sample ${at + 1} took ${raw.time} s: the clock was stepped`);
    }
    if (durations.some((value) => toNanoseconds(value) < 0)) {
      return unreadable(
        `sample ${at + 1} has a negative CPU time: ${durations.slice(1).join(', ')} s`,
      );
    }
    const bandwidthBytesPerS = expected.totalBytes / (elapsedNs / 1e9);
    const printed = (raw.bandwidth ?? Number.NaN) * 1024;
    // The tolerance is 2e-7 for single precision, plus two printed decimals of KiB/s.
    if (!(Math.abs(printed - bandwidthBytesPerS) <= bandwidthBytesPerS * 1e-6 + 2 * 10.24)) {
      return unreadable(
        `sample ${at + 1} says ${raw.bandwidth} KiB/s, but ${expected.totalBytes} bytes in ${raw.time} s are ${(
          bandwidthBytesPerS / 1024
        ).toFixed(2)}`,
      );
    }
    const counted = readCounters(given as object, KNOWN);
    if (counted.state === 'unreadable') return unreadable(`sample ${at + 1} has ${counted.reason}`);
    const { counters } = counted;
    samples.push({
      iteration: at + 1,
      elapsedNs,
      bandwidthBytesPerS,
      ...(raw.stime === undefined ? {} : { systemTimeNs: toNanoseconds(raw.stime) }),
      ...(raw.utime === undefined ? {} : { userTimeNs: toNanoseconds(raw.utime) }),
      ...(raw.msgsnd === undefined ? {} : { messagesSent: raw.msgsnd }),
      ...(raw.msgrcv === undefined ? {} : { messagesReceived: raw.msgrcv }),
      ...(raw.nvcsw === undefined ? {} : { voluntarySwitches: raw.nvcsw }),
      ...(raw.nivcsw === undefined ? {} : { involuntarySwitches: raw.nivcsw }),
      ...(counters.size === 0 ? {} : { counters }),
    });
  }
  return { state: 'samples', samples };
}

/** One line of what `describe` or `-v` reported about the machine. */
export interface BenchmarkFact {
  readonly key: string;
  readonly value: string;
}

/** A machine has only a few short facts; anything else is not the benchmark's. */
const MOST_FACTS = 100;
const LONGEST_FACT = 500;

/**
 * Reads the configuration blocks of `-v` or `describe` as far as they go: upstream's `describe`
 * lacks its last brace, and `-v` stops at the first missing sysctl.
 */
export function readConfiguration(text: string): readonly BenchmarkFact[] {
  const repaired = withoutNan(text);
  const read = firstJson([text, repaired, `${repaired}\n}`]);
  const json = read.state === 'json' ? read.value : undefined;
  if (typeof json !== 'object' || json === null) return [];
  const facts: BenchmarkFact[] = [];
  const add = (key: string, value: string) => {
    if (Math.max(key.length, value.length) <= LONGEST_FACT) facts.push({ key, value });
  };
  // Until 2021 there was one block, `host`.
  const blocks = ['host', 'hardware', 'os', 'network_ipc'];
  for (const block of blocks.map((name) => `${name}_configuration`)) {
    const entries = (json as Record<string, unknown>)[block];
    if (typeof entries !== 'object' || entries === null) continue;
    for (const [key, value] of Object.entries(entries)) {
      if (facts.length === MOST_FACTS) return facts;
      if (Array.isArray(value)) {
        const sizes = value.map((item: { pagesize?: unknown } | null) => item?.pagesize);
        add(key, sizes.filter((size) => typeof size === 'number').join(','));
      } else if (typeof value === 'string' || typeof value === 'number') {
        add(key, String(value));
      }
    }
  }
  return facts;
}

/** Parses the benchmark's output, with null in place of NAN and INF. */
export function jsonOf(text: string): Json {
  return firstJson([text, withoutNan(text)]);
}

/**
 * Replaces NAN and INF, which JSON does not know: upstream prints them when it divides by zero. The
 * labs' notebook joins the lines with blanks.
 */
function withoutNan(text: string): string {
  return text.replace(/(": )-?(?:NAN|INF|nan|inf)(?=\s*(?:[,}]|$))/gm, '$1null');
}

/** Parses the first of several repaired versions of a text that is valid JSON. */
function firstJson(candidates: readonly string[]): Json {
  let read: Json = { state: 'broken' };
  for (const candidate of candidates) {
    read = readJson(candidate);
    if (read.state !== 'broken') break;
  }
  return read;
}

/** Converts seconds, as text with up to nine decimals, without using a float; never returns -0. */
function toNanoseconds(value: string | number): number {
  if (typeof value === 'number') return Math.round(value * 1e9) + 0;
  const [whole = '0', fraction = ''] = value.replace('-', '').split('.');
  const ns = Number(whole) * 1e9 + Number(fraction.padEnd(9, '0'));
  return value.startsWith('-') ? 0 - ns : ns;
}

function unreadable(reason: string): BenchmarkOutput {
  return { state: 'unreadable', reason };
}

function excerpt(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 77)}...` : line);
}
