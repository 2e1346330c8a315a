import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfiguration, readOutput } from '../../src/benchmark/output.ts';

/** The output of the original benchmark, with the way it was called. */
const recordings = readFileSync(fixture('INDEX.tsv'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', exit = '', words = ''] = line.split('\t');
    const option = (letter: string, otherwise: number) =>
      Number(new RegExp(`-${letter} (\\d+)`).exec(words)?.[1] ?? otherwise);
    return {
      name,
      exitCode: Number(exit.replace('rc=', '')),
      text: readFileSync(fixture(`${name}.stdout`), 'utf8'),
      expected: { iterations: option('n', 1), totalBytes: option('t', 16777216) },
    };
  });

function fixture(file: string): string {
  return fileURLToPath(new URL(`../fixtures/ipc-benchmark/${file}`, import.meta.url));
}

function recorded(name: string) {
  const found = recordings.find((recording) => recording.name === name);
  if (!found) throw new Error(`no recording ${name}`);
  return found;
}

const read = (name: string) => readOutput(recorded(name).text, recorded(name).expected);

describe('readOutput on what upstream printed', () => {
  it('reads one sample, its time as text of nine decimals', () => {
    expect(read('canonical')).toEqual({
      state: 'samples',
      samples: [{ iteration: 1, elapsedNs: 62724, bandwidthBytesPerS: 32768 / 62724e-9 }],
    });
  });

  it('reads every iteration with its resource usage', () => {
    const output = read('g3');
    expect(output.state === 'samples' && output.samples.map(({ iteration }) => iteration)).toEqual([
      1, 2, 3,
    ]);
    expect(output.state === 'samples' && output.samples[1]).toEqual({
      iteration: 2,
      elapsedNs: 113169,
      bandwidthBytesPerS: 32768 / 113169e-9,
      systemTimeNs: 0,
      userTimeNs: 757000,
      messagesSent: 0,
      messagesReceived: 0,
      voluntarySwitches: 5,
      involuntarySwitches: 0,
    });
  });

  it('reads eleven bare iterations, and computes the bandwidth from the time, not from the rounded rate', () => {
    const output = read('bare_g_n11');
    if (output.state !== 'samples') throw new Error(output.reason);
    expect(output.samples).toHaveLength(11);
    const [first] = output.samples;
    expect(first?.elapsedNs).toBe(17328265);
    // 945507.28 KiB/s is printed; single precision is off from the second decimal on.
    expect(first!.bandwidthBytesPerS / 1024).toBeCloseTo(945507.24, 2);
    expect(output.samples.map(({ involuntarySwitches }) => involuntarySwitches)).toEqual([
      418, 376, 276, 401, 346, 394, 306, 407, 386, 332, 263,
    ]);
  });

  it.each([
    ['local', 45428],
    ['two_thread', 90475],
  ])('reads %s', (name, elapsedNs) => {
    expect(read(name)).toMatchObject({ state: 'samples', samples: [{ elapsedNs }] });
  });

  it('reads samples with NAN as a rate, which JSON does not allow', () => {
    expect(() => JSON.parse(recorded('fakepmc_zero').text)).toThrow();
    expect(read('fakepmc_zero')).toMatchObject({
      state: 'samples',
      samples: [{ elapsedNs: 46809 }],
    });
  });

  it.each(['e_P_dcache_v', 'e_mult_j', 'e_sysctl_j', 'describe_j'])(
    'finds no samples in %s, valid JSON or not',
    (name) => {
      expect(read(name).state).toBe('unreadable');
    },
  );

  it('says what is wrong', () => {
    const reason = (text: string, iterations = 1) => {
      const output = readOutput(text, { iterations, totalBytes: 32768 });
      return output.state === 'unreadable' ? output.reason : 'readable';
    };
    const { text } = recorded('canonical');
    expect(reason('')).toBe('the benchmark printed nothing');
    expect(reason(' \n')).toBe('the benchmark printed nothing');
    expect(reason('Usage: ...')).toBe('not JSON: "Usage: ..."');
    expect(reason('{ }')).toMatch(/^JSON of another shape at benchmark_samples/);
    expect(reason('[1]')).toMatch(/^JSON of another shape at the top/);
    expect(reason(text, 3)).toBe('1 samples, expected 3');
    expect(reason('{ "benchmark_samples": [\n] }')).toBe('0 samples, expected 1');
    expect(reason(text.replace('0.000062724', '-1.999999000'))).toMatch(/the clock was stepped/);
    expect(reason(text.replace('0.000062724', '0.000072724'))).toMatch(
      /^sample 1 says 510171.54 KiB\/s, but 32768 bytes in 0.000072724 s are 440019.80$/,
    );
    expect(reason(text.replace('"0.000062724"', '1e300'))).toMatch(/out of range/);
    expect(reason(text.replace('"0.000062724"', '"62 us"'))).toMatch(
      /another shape at benchmark_samples.0.time/,
    );
  });

  it('refuses a negative CPU time and a negative count', () => {
    const { text, expected } = recorded('g3');
    expect(readOutput(text.replace(/("utime": ")/, '$1-'), expected)).toMatchObject({
      reason: expect.stringMatching(/^sample 1 has a negative CPU time: /),
    });
    expect(readOutput(text.replace(/("nvcsw": )/, '$1-'), expected)).toMatchObject({
      reason: expect.stringMatching(/^JSON of another shape at benchmark_samples.0.nvcsw/),
    });
  });

  it('accepts times as numbers, which other versions may print', () => {
    const { text, expected } = recorded('canonical');
    expect(readOutput(text.replace('"0.000062724"', '0.000062724'), expected)).toEqual(
      read('canonical'),
    );
  });

  it('refuses a bandwidth that belongs to another total', () => {
    const { text } = recorded('canonical');
    expect(readOutput(text, { iterations: 1, totalBytes: 65536 }).state).toBe('unreadable');
  });
});

describe('readOutput on anything', () => {
  const expected = fc.record({
    iterations: fc.integer({ min: 1, max: 20 }),
    totalBytes: fc.integer({ min: 1, max: 2 ** 40 }),
  });
  /** Samples that could be stored: whole and exact. */
  const isSound = (output: ReturnType<typeof readOutput>, iterations: number) =>
    output.state === 'unreadable'
      ? output.reason.length > 0 && output.reason.length < 500
      : output.samples.length === iterations &&
        output.samples.every((sample) => {
          const { bandwidthBytesPerS, ...whole } = sample;
          return bandwidthBytesPerS > 0 && Object.values(whole).every(Number.isSafeInteger);
        });

  it('never throws on text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), expected, (text, asked) => {
        expect(isSound(readOutput(text, asked), asked.iterations)).toBe(true);
      }),
    );
  });

  it('never throws an exception on JSON, and never gives a value that is not a whole number', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constantFrom(1e300, -0, 2 ** 53, 1e-12, 5e9),
    );
    const time = fc.oneof(
      number,
      fc.tuple(fc.bigInt(0n, 10n ** 10n), fc.bigInt(0n, 10n ** 9n)).map((pair) => pair.join('.')),
      fc.string(),
    );
    const datum = fc.record(
      { time, bandwidth: number, stime: time, utime: time, msgsnd: number, nvcsw: number },
      { requiredKeys: ['time', 'bandwidth'] },
    );
    const json = fc.oneof(
      fc.json(),
      fc
        .array(fc.oneof(datum, fc.jsonValue()), { maxLength: 3 })
        .map((benchmark_samples) => JSON.stringify({ benchmark_samples })),
      // A rate that agrees with its time gets past the plausibility check.
      fc
        .record({ time: fc.oneof(number, fc.integer({ min: 1, max: 100 })), stime: time })
        .map(({ time: seconds, stime }) =>
          JSON.stringify({
            benchmark_samples: [{ time: seconds, stime, bandwidth: 2 ** 30 / seconds / 1024 }],
          }),
        ),
    );
    const asked = { iterations: 1, totalBytes: 2 ** 30 };
    fc.assert(
      fc.property(json, (text) => {
        expect(isSound(readOutput(text, asked), 1)).toBe(true);
        expect(readConfiguration(text)).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
  });

  it('never mistakes a document that was cut for a complete one', () => {
    const whole = recordings.filter(
      ({ exitCode, name }) => exitCode === 0 && name !== 'describe_j',
    );
    expect(whole.length).toBeGreaterThanOrEqual(6);
    for (const { text, expected: asked } of whole) {
      expect(readOutput(text, asked).state).toBe('samples');
      for (let length = 0; length < text.trimEnd().length; length++) {
        const output = readOutput(text.slice(0, length), asked);
        if (output.state === 'samples') throw new Error(`read ${text.slice(0, length)}`);
      }
    }
  });

  it('never mistakes a document for one with another number of samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (iterations) => {
        const { text, expected: asked } = recorded('bare_g_n11');
        const output = readOutput(text, { ...asked, iterations });
        expect(output.state === 'samples').toBe(iterations === 11);
      }),
    );
  });

  it('notices the change of any digit of a time', () => {
    const { text, expected: asked } = recorded('bare_g_n11');
    const places = [...text.matchAll(/"time": "0\.(\d{9})"/g)].map((match) => match.index + 11);
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        (place, digit, by) => {
          const at = place + digit;
          const changed = String((Number(text[at]) + by) % 10);
          const garbled = text.slice(0, at) + changed + text.slice(at + 1);
          expect(readOutput(garbled, asked).state).toBe('unreadable');
        },
      ),
    );
  });
});

describe('readConfiguration', () => {
  const complete = {
    'hw.machine': 'arm64',
    'hw.model': 'ARM Cortex-A72 r0p3',
    'hw.ncpu': '4',
    'hw.physmem': '8419033088',
    'hw.pagesizes': '4096,2097152,1073741824',
    'hw.cpufreq.arm_freq': '600000000',
    'kern.ostype': 'FreeBSD',
    'kern.osrelease': '14.0-CURRENT',
    'kern.ident': 'GENERIC',
    'kern.hostname': 'vm',
    'kern.ipc.pipe_mindirect': '8192',
    'kern.ipc.maxsockbuf': '2097152',
    'ifnet.name': 'lo0',
    'ifnet.mtu': '16384',
    'net.inet.tcp.cc.algorithm': 'newreno',
    'net.isr.bindthreads': '0',
    'net.isr.defaultqlimit': '256',
  };
  const facts = (text: string) =>
    Object.fromEntries(readConfiguration(text).map(({ key, value }) => [key, value]));

  it.each(['describe_j', 'canonical', 'e_P_dcache_v'])('reads the machine from %s', (name) => {
    expect(facts(recorded(name).text)).toEqual(complete);
  });

  it('reads a description without its last brace, which is not valid JSON', () => {
    expect(() => JSON.parse(recorded('describe_j').text)).toThrow();
  });

  it('reads the facts before a missing sysctl', () => {
    const { text } = recorded('e_sysctl_j');
    const { 'hw.cpufreq.arm_freq': _, ...before } = Object.fromEntries(
      Object.entries(complete).filter(([key]) => key.startsWith('hw.')),
    );
    expect(facts(text)).toEqual(before);
  });

  it.each(['', '{ }', 'Usage', '[]', 'null', '{"os_configuration": null}', '"x"'])(
    'finds nothing in %j',
    (text) => {
      expect(readConfiguration(text)).toEqual([]);
    },
  );

  it('never throws, whatever stands in the page sizes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (size, machine) => {
        const text = JSON.stringify({
          hardware_configuration: {
            'hw.machine': machine,
            'hw.pagesizes': [{ pagesize: size }, size],
          },
        });
        for (const { value } of readConfiguration(text)) expect(typeof value).toBe('string');
      }),
    );
    const odd = '{"hardware_configuration":{"hw.pagesizes":[{"pagesize":{"toString":1}}, null]}}';
    expect(facts(odd)).toEqual({ 'hw.pagesizes': '' });
  });
});

describe('counters', () => {
  const sample = { bandwidth: 1024, time: '0.001000000' };
  const readSample = (more: object) =>
    readOutput(JSON.stringify({ benchmark_samples: [{ ...sample, ...more }] }), {
      ...{ iterations: 1, totalBytes: 1024 * 1.024 },
    });

  it("keeps upstream's counters, and leaves out rates that are a division by zero", () => {
    const output = read('fakepmc_zero');
    if (output.state !== 'samples') throw new Error(output.reason);
    expect([...(output.samples[0]?.counters ?? [])]).toEqual([
      ...([
        ['INST_RETIRED', 0],
        ['CPU_CYCLES', 0],
        ['L1D_CACHE', 0],
        ['L1D_CACHE_REFILL', 0],
        ['L2D_CACHE', 0],
        ['L2D_CACHE_REFILL', 0],
      ] as const),
    ]);
  });

  const NAMES = fc
    .string({ minLength: 1, maxLength: 100, unit: 'grapheme-composite' })
    .filter((name) => name.length <= 100 && !/\p{C}/u.test(name) && !(name in sample))
    .filter((name) => !/^(stime|utime|msgsnd|msgrcv|nvcsw|nivcsw|__proto__)$/.test(name));
  const VALUES = fc.oneof(
    fc.maxSafeNat(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  );

  it('keeps any number under any printable name, and nothing that is not a number', () => {
    const others = fc.dictionary(NAMES, fc.oneof(fc.string(), fc.constant(null), fc.boolean()));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(NAMES, VALUES), { maxLength: 50 }),
        others,
        (counters, noCounters) => {
          const kept = new Map(counters.map(([name, value]) => [name, value + 0]));
          const rest = Object.entries(noCounters).filter(([name]) => !kept.has(name));
          const output = readSample(Object.fromEntries([...rest, ...kept]));
          if (output.state !== 'samples') throw new Error(output.reason);
          const found = output.samples[0]?.counters ?? new Map<string, number>();
          expect(new Map(found)).toEqual(kept);
        },
      ),
    );
  });

  it.each([
    ['has a control character', { 'a\u001b[31m': 1 }, 'a counter with a name'],
    ['is empty', { '': 1 }, 'a counter with a name'],
    ['is longer than 100 characters', { ['x'.repeat(101)]: 1 }, 'a counter with a name'],
  ])('refuses a counter whose name %s', (_, more, reason) => {
    expect(readSample(more)).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining(`sample 1 has ${reason}`),
    });
  });

  it('refuses more than a hundred counters', () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`c${at}`, at]));
    expect(readSample(many)).toEqual({
      state: 'unreadable',
      reason: 'sample 1 has more than 100 counters',
    });
  });
});
