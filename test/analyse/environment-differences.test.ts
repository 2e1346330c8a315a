import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentDifferences, factText } from '../../src/analyse/environment-differences.ts';

const FACTS: readonly (readonly [string, string])[] = [
  ['os_name', 'Linux'],
  ['os_release', '6.1'],
  ['cpu_model', 'EPYC'],
  ['cpu_governor', 'performance'],
  ['turbo', 'off'],
  ['clock_source', 'tsc'],
  ['page_size_bytes', '4096'],
  ['virtualisation', 'none'],
  ['tracer_version', 'v0.17.0'],
  ['benchmark_sha256', 'a'.repeat(64)],
  ['load_1min', '0.5'],
  ['cpu0_frequency_khz', '2400000'],
];
const with_ = (...changes: (readonly [string, string])[]) => new Map([...FACTS, ...changes]);
const codes = (...changes: (readonly [string, string])[]) =>
  environmentDifferences(with_(), with_(...changes)).map(({ code }) => code);

describe('the differences of two environments', () => {
  it('are empty for an environment and itself', () => {
    expect(codes()).toEqual([]);
  });

  it.each([
    ['os_release', 'kernel'],
    ['cpu_model', 'cpu'],
    ['cpu_governor', 'governor'],
    ['turbo', 'turbo'],
    ['clock_source', 'clock-source'],
    ['page_size_bytes', 'page-size'],
    ['virtualisation', 'virtualisation'],
    ['tracer_version', 'tracer'],
    ['benchmark_sha256', 'benchmark'],
  ])('contain another %s as %s', (key, code) => {
    expect(codes([key, 'other'])).toEqual([code]);
  });

  it('do not contain what changes by itself', () => {
    expect(codes(['load_1min', '3'], ['cpu0_frequency_khz', '800000'])).toEqual([]);
  });

  it('give both values, and only the beginning of a hash', () => {
    const [benchmark, kernel] = environmentDifferences(
      with_(),
      with_(['os_release', '6.18'], ['benchmark_sha256', 'b'.repeat(64)]),
    );
    expect(kernel).toEqual({
      code: 'kernel',
      key: 'os_release',
      what: 'the kernel',
      a: '6.1',
      b: '6.18',
      message: 'the kernel differs: 6.1 and 6.18',
    });
    expect(benchmark).toMatchObject({
      b: 'b'.repeat(64),
      message: 'the benchmark program differs: aaaaaaaaaaaa and bbbbbbbbbbbb',
    });
  });

  it('do not count an unknown value as a difference, but do count a tuned run as one', () => {
    expect(environmentDifferences(with_(), new Map())).toEqual([]);
    expect(codes(['tuned', '1'])).toEqual(['tuned']);
    expect(environmentDifferences(with_(['tuned', '1']), with_())).toMatchObject([
      { code: 'tuned', a: '1', b: '0' },
    ]);
    expect(codes(['tuned', '0'])).toEqual([]);
  });

  it('contain each of several programs by its name, after the other facts', () => {
    const programs = (base: string, added: string) =>
      with_(
        ['benchmark_sha256.base', base.repeat(64)],
        ['benchmark_sha256.new', added.repeat(64)],
        ['tracer_version', added],
      );
    const found = environmentDifferences(programs('c', 'd'), programs('c', 'e'));
    expect(found.map(({ code, what, message }) => [code, what, message])).toEqual([
      ['tracer', "the tracer's version", "the tracer's version differs: d and e"],
      ['benchmark', 'the program new', 'the program new differs: dddddddddddd and eeeeeeeeeeee'],
    ]);
  });

  it('show the beginning of a hash and of a commit, and the whole of everything else', () => {
    const value = '0123456789abcdef';
    for (const key of ['benchmark_sha256', 'benchmark_sha256.new', 'git_commit']) {
      expect([key, factText(key, value)]).toEqual([key, '0123456789ab']);
    }
    for (const key of ['os_version', 'git_commit_time', 'last_git_commit', 'a_sha256sum']) {
      expect([key, factText(key, value)]).toEqual([key, value]);
    }
  });

  it('are the same in the other direction', () => {
    const facts = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...FACTS.map(([key]) => key)), fc.string()), {
        selector: ([key]) => key,
      })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        const back = environmentDifferences(b, a).map((d) => ({ code: d.code, a: d.b, b: d.a }));
        const there = environmentDifferences(a, b).map((d) => ({ code: d.code, a: d.a, b: d.b }));
        expect(there).toEqual(back);
      }),
    );
  });
});
