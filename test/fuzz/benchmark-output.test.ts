import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BenchmarkOutput, readConfiguration, readOutput } from '../../src/benchmark/output.ts';
import { endsInTime, FUZZ_TIMEOUT, fuzzed, mutated } from './inputs.ts';

const folder = new URL('../fixtures/ipc-benchmark/', import.meta.url);
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith('.stdout'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
const WORDS = [
  ...['"benchmark_samples": [', '"time": "0.000062724",', '"bandwidth": NAN', '"stime": -1'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '[{',
    '}]',
    'null',
    'true',
    '{"time":',
    '"__proto__": {',
    '[['.repeat(5000),
  ],
];

/** The parameters that were asked for, mostly those of the recordings. */
const asked = fc.record({
  iterations: fc.constantFrom(1, 1, 1, 3, 11),
  totalBytes: fc.constantFrom(32768, 32768, 16777216, 1, 2 ** 40),
});

interface Naive {
  readonly benchmark_samples: readonly Readonly<Record<string, string | number>>[];
}

/** The same document, read in the plainest way. */
function naive(text: string): Naive | undefined {
  for (const candidate of [text, text.replace(/: -?(NAN|INF)(,?)$/gim, ': null$2')]) {
    try {
      return JSON.parse(candidate);
    } catch {}
  }
  return undefined;
}

/** Exact for the text of a decimal number, as upstream prints it. */
function nanoseconds(seconds: string | number): number {
  if (typeof seconds === 'number') return Math.round(seconds * 1e9) + 0;
  const [whole = '', fraction = ''] = seconds.split('.');
  return Number(BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, '0')));
}

const COUNTERS = {
  msgsnd: 'messagesSent',
  msgrcv: 'messagesReceived',
  nvcsw: 'voluntarySwitches',
  nivcsw: 'involuntarySwitches',
  stime: 'systemTimeNs',
  utime: 'userTimeNs',
} as const;

function expectNoWrongRow(
  text: string,
  output: BenchmarkOutput,
  expected: { iterations: number; totalBytes: number },
): void {
  if (output.state === 'unreadable') {
    expect(output.reason).toMatch(/^.{5,500}$/s);
    return;
  }
  const rows = naive(text)?.benchmark_samples ?? [];
  expect(output.samples).toHaveLength(expected.iterations);
  expect(rows).toHaveLength(expected.iterations);
  for (const [index, sample] of output.samples.entries()) {
    const row = rows[index]!;
    expect(sample.iteration).toBe(index + 1);
    expect(sample.elapsedNs).toBe(nanoseconds(row.time!));
    expect(sample.bandwidthBytesPerS).toBe(expected.totalBytes / (sample.elapsedNs / 1e9));
    const { bandwidthBytesPerS, counters, ...whole } = sample;
    expect(bandwidthBytesPerS > 0 && Number.isFinite(bandwidthBytesPerS)).toBe(true);
    expect(sample.elapsedNs).toBeGreaterThan(0);
    for (const value of Object.values(whole)) {
      expect(Number.isSafeInteger(value) && value >= 0, `${JSON.stringify(whole)}`).toBe(true);
    }
    for (const [name, value] of counters ?? []) {
      expect(Number.isFinite(value) && row[name] === value, `${name} ${value}`).toBe(true);
    }
    for (const [printed, name] of Object.entries(COUNTERS)) {
      const value = row[printed];
      const isTime = printed.endsWith('time') && value !== undefined;
      expect(sample[name]).toBe(isTime ? nanoseconds(value) : value);
    }
  }
}

describe('any output of a benchmark', FUZZ_TIMEOUT, () => {
  it('that was changed gives the rows that it holds, or none and a reason', () => {
    fc.assert(
      fc.property(mutated(recorded, WORDS), asked, (text, expected) => {
        const output = endsInTime(() => readOutput(text, expected));
        expectNoWrongRow(text, output, expected);
      }),
      fuzzed(60),
    );
  });

  it('that is written in another way gives the same rows', () => {
    const documents = recorded.flatMap((text) => {
      const document = naive(text);
      const count = document?.benchmark_samples?.length ?? 0;
      const total = count === 11 ? 16777216 : 32768;
      const expected = { iterations: count, totalBytes: total };
      return count > 0 && document
        ? [{ document, expected, rows: readOutput(text, expected) }]
        : [];
    });
    expect(documents.length).toBeGreaterThanOrEqual(5);
    expect(documents.map(({ rows }) => rows.state)).toEqual(documents.map(() => 'samples'));
    const key = fc.string().filter((name) => !/^(benchmark_samples|__proto__)$/.test(name));
    fc.assert(
      fc.property(
        fc.constantFrom(...documents),
        fc.dictionary(key, fc.jsonValue(), { maxKeys: 3 }),
        fc.constantFrom('', ' ', '\t', '   '),
        fc.boolean(),
        ({ document, expected, rows }, more, indent, reversed) => {
          const samples = document.benchmark_samples.map((sample) =>
            Object.fromEntries(
              reversed ? Object.entries(sample).reverse() : Object.entries(sample),
            ),
          );
          const same = { ...more, ...document, benchmark_samples: samples };
          expect(readOutput(JSON.stringify(same, null, indent), expected)).toEqual(rows);
        },
      ),
      fuzzed(10),
    );
  });

  it('that is composed of valid parts gives the rows that it contains, or no rows and a reason', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(1e300, 2 ** 53, -1, 1e-9));
    const time = fc.oneof(
      fc.integer({ min: -5, max: 2 ** 31 }).map((ns) => (ns / 1e9).toFixed(9)),
      number,
    );
    const sample = fc.record(
      { time, stime: time, utime: time, msgsnd: number, msgrcv: fc.integer(), nvcsw: fc.nat() },
      { requiredKeys: ['time'] },
    );
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 3 }), asked, (list, { totalBytes }) => {
        const expected = { totalBytes, iterations: list.length };
        // A rate that agrees with its time gets past the check of the two.
        const rated = list.map((each) => ({
          ...each,
          bandwidth: totalBytes / Number(each.time) / 1024,
        }));
        const text = JSON.stringify({ benchmark_samples: rated });
        expectNoWrongRow(text, readOutput(text, expected), expected);
      }),
      fuzzed(20),
    );
  });

  it('gives facts about the machine as texts, or none', () => {
    fc.assert(
      fc.property(mutated(recorded, WORDS), (text) => {
        const facts = endsInTime(() => readConfiguration(text));
        for (const { key, value } of facts) {
          expect([typeof key, typeof value]).toEqual(['string', 'string']);
        }
      }),
      fuzzed(10),
    );
  });
});
