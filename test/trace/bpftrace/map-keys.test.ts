import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpftraceLines } from '../../../src/trace/bpftrace/bpftrace-lines.ts';
import {
  fullMaps,
  keysHeld,
  MAP_KEYS,
  SCRIPT_MAP_KEYS,
} from '../../../src/trace/bpftrace/map-keys.ts';

const json = (type: string, data: unknown) => JSON.stringify({ type, data });
const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${n + 1},0`, 1]));
const read = bpftraceLines({ names: new Map(), readNumber: 0, writeNumber: 1 });

describe('a map that is full', () => {
  it('is taken for one that overflowed, and one with room is not', () => {
    const kinds = (count: number) =>
      read(json('map', { '@syscalls': entries(count) })).map(({ kind }) => kind);
    expect(kinds(MAP_KEYS)).toContain('full');
    expect(kinds(MAP_KEYS - 1)).not.toContain('full');
  });

  it("is found among what a user's script printed", () => {
    const buckets = Array.from({ length: 64 }, (_, n) => ({ min: 2 ** n, count: 1 }));
    const histograms = (keys: number) =>
      Object.fromEntries(Array.from({ length: keys }, (_, n) => [`${n}`, buckets]));
    const stats = (keys: number) =>
      Object.fromEntries(
        Array.from({ length: keys }, (_, n) => [`${n}`, { count: 1, average: 1, total: 1 }]),
      );
    const output = [
      json('attached_probes', { probes: 1 }),
      json('map', { '@full': entries(SCRIPT_MAP_KEYS) }),
      json('map', { '@roomy': entries(SCRIPT_MAP_KEYS - 1) }),
      json('map', { '@one': 7 }),
      json('hist', { '@buckets': histograms(SCRIPT_MAP_KEYS / 64) }),
      json('hist', { '@few': histograms(SCRIPT_MAP_KEYS / 64 - 1) }),
      json('stats', { '@averages': stats(SCRIPT_MAP_KEYS / 2) }),
      `what the script's own command printed ${'x'.repeat(SCRIPT_MAP_KEYS)}`,
      `{${'x'.repeat(SCRIPT_MAP_KEYS)}`,
      json('map', { '@full': entries(SCRIPT_MAP_KEYS) }),
    ].join('\n');
    expect(fullMaps(output, SCRIPT_MAP_KEYS)).toEqual(['@full', '@buckets', '@averages']);
  });

  it('has as many keys as there are buckets with something in them', () => {
    const buckets = [{ min: 1, count: 3 }, { min: 2, count: 0 }, { max: -1, count: 1 }, null];
    expect(keysHeld('hist', buckets)).toBe(2);
    expect(keysHeld('hist', { a: buckets, b: buckets })).toBe(4);
  });

  it('is looked for in any text without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.json()), fc.nat(9), (text, keys) => {
        fullMaps(text, keys);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const type of ['map', 'hist', 'stats'] as const) keysHeld(type, value);
      }),
    );
  });
});
