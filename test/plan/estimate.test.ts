import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODES } from '../../src/experiment/axes.ts';
import type { Cell } from '../../src/experiment/cell.ts';
import { LIMITS } from '../../src/experiment/limits.ts';
import {
  changeSeconds,
  deadlineMs,
  overheadSeconds,
  type RunShape,
  runSeconds,
  type SweepCosts,
  sleepSeconds,
} from '../../src/plan/estimate.ts';
import { commandsOf, runDeadlineMs } from '../../src/plan/plan.ts';

const cell = (mode: Cell['mode'], bufferBytes: number, totalBytes: number): Cell => ({
  ipc: 'pipe',
  mode,
  bufferBytes,
  totalBytes,
  socketBuffers: false,
});

const shape = fc.record({
  cell: fc
    .tuple(fc.constantFrom(...MODES), fc.nat(20), fc.nat(20))
    .map(([mode, buffer, times]) => cell(mode, 2 ** buffer, 2 ** (buffer + times))),
  iterations: fc.integer({ min: 1, max: LIMITS.iterations }),
  bare: fc.boolean(),
});

const UNTRACED: SweepCosts = {
  options: { bare: true, iterations: 1 },
  timeout: 'auto',
  ...{ tracer: undefined, attachPerRun: false, scriptSeconds: 0 },
};
const SHAPE = { iterations: 1, bare: true };

/** How long an untraced run should take. */
const seconds = ({ cell, ...options }: RunShape) =>
  runSeconds({ cell, traced: false }, { ...UNTRACED, options });

describe('the estimate', () => {
  it('counts a delay for each message of TCP with small socket buffers, up to 16 KiB', () => {
    const tcp = (bufferBytes: number): Cell => ({
      ...{ ...cell('2proc', bufferBytes, 10 * bufferBytes), ipc: 'tcp', socketBuffers: true },
    });
    expect(seconds({ ...SHAPE, cell: tcp(16_384) })).toBeGreaterThan(0.4);
    expect(seconds({ ...SHAPE, cell: tcp(16_385) })).toBeLessThan(0.1);
  });

  it('counts 3 s of sleep for a sample in 2proc, 2 s in 2thread, and none when bare', () => {
    const small = (mode: Cell['mode'], iterations: number, bare: boolean) =>
      Math.round(seconds({ cell: cell(mode, 4096, 4096), iterations, bare }) * 10) / 10;
    expect(sleepSeconds({ cell: cell('2proc', 1, 1), iterations: 1, bare: false })).toBe(3);
    expect(sleepSeconds({ cell: cell('2thread', 1, 1), iterations: 1, bare: false })).toBe(2);
    expect([small('2proc', 1, false), small('2proc', 5, false)]).toEqual([3, 15]);
    expect([small('2thread', 1, false), small('2thread', 5, false)]).toEqual([2, 10]);
    expect([small('2proc', 5, true), small('2thread', 5, true)]).toEqual([0, 0]);
  });

  it('is positive, and never less for more bytes, more calls or more samples', () => {
    fc.assert(
      fc.property(shape, (given) => {
        const { mode, bufferBytes, totalBytes } = given.cell;
        const least = seconds(given);
        expect(least).toBeGreaterThan(0);
        for (const more of [
          { ...given, iterations: given.iterations + 1 },
          { ...given, cell: cell(mode, bufferBytes, totalBytes * 2) },
          { ...given, cell: cell(mode, bufferBytes / 2, totalBytes) },
        ]) {
          expect(seconds(more)).toBeGreaterThan(least);
        }
      }),
    );
  });

  it('of a traced run is longer for each message, and for what follows the run', () => {
    const costs: SweepCosts = {
      ...UNTRACED,
      tracer: {
        ...{ attachSeconds: 2, detachSeconds: 1, runSeconds: 0.5 },
        ...{ messageSeconds: 0.001, scriptSeconds: 0 },
      },
      scriptSeconds: 3,
    };
    const only = cell('2proc', 1024, 10_240);
    const extra = (traced: boolean) => runSeconds({ cell: only, traced }, costs);
    expect(extra(true) - extra(false)).toBeCloseTo(10 * 0.001, 9);
    expect(overheadSeconds(true, costs) - overheadSeconds(false, costs)).toBeCloseTo(3.5, 9);
    expect([changeSeconds(true, costs), changeSeconds(false, costs)]).toEqual([2, 1]);
    const perRun = { ...costs, attachPerRun: true };
    expect(overheadSeconds(true, perRun) - overheadSeconds(false, perRun)).toBeCloseTo(6.5, 9);
    expect([changeSeconds(true, perRun), changeSeconds(false, perRun)]).toEqual([0, 0]);
  });

  it('includes the wait for acknowledgements of small TCP messages with socket buffers', () => {
    const tcp = { ...cell('2proc', 4096, 131_072), ipc: 'tcp' as const };
    const of = (change: Partial<Cell>) => seconds({ ...SHAPE, cell: { ...tcp, ...change } });
    expect(of({ socketBuffers: true })).toBeGreaterThan(32 * 0.04);
    expect(of({ socketBuffers: true })).toBeLessThan(32 * 0.25);
    expect(of({})).toBeLessThan(0.1);
    expect(of({ ipc: 'local', socketBuffers: true })).toBeLessThan(0.1);
    expect(of({ socketBuffers: true, bufferBytes: 65_536 })).toBeLessThan(0.1);
  });

  it("is never more than the spec's own limit", () => {
    const costs = { ...UNTRACED, timeout: 1500 };
    expect(runSeconds({ cell: cell('2proc', 1, 2 ** 30), traced: false }, costs)).toBe(1.5);
  });
});

describe('a deadline', () => {
  it('is a whole number of ms, far above the estimate, and never more than a timer can hold', () => {
    fc.assert(
      fc.property(shape, (given) => {
        const ms = deadlineMs(given);
        expect(Number.isSafeInteger(ms)).toBe(true);
        expect(ms).toBeLessThanOrEqual(LIMITS.timeoutMs);
        if (ms < LIMITS.timeoutMs) {
          expect(ms).toBeGreaterThan(1000 * seconds(given) + 10_000);
        }
      }),
    );
    expect(LIMITS.timeoutMs).toBeLessThan(2 ** 31);
    const endless = { cell: cell('2proc', 1, LIMITS.totalBytes), iterations: 10_000, bare: false };
    expect(deadlineMs(endless)).toBe(LIMITS.timeoutMs);
  });

  it('allows 5 MB/s and 1 ms for each call, 250 ms where acknowledgements are delayed', () => {
    const pipe = cell('2proc', 5000, 5_000_000);
    const tcp: Cell = { ...pipe, ipc: 'tcp', socketBuffers: true };
    const options = { iterations: 2, bare: false };
    // 15 s, and twice 3 s of sleep, 1 s for the bytes and a time for each of the 1000 calls.
    expect(deadlineMs({ ...options, cell: pipe })).toBe(15_000 + 2 * (3000 + 1000 + 1000));
    expect(deadlineMs({ ...options, cell: tcp })).toBe(15_000 + 2 * (3000 + 1000 + 250_000));
    expect(deadlineMs({ ...options, cell: { ...tcp, socketBuffers: false } })).toBe(25_000);
    expect(deadlineMs({ ...options, cell: { ...tcp, ipc: 'local' } })).toBe(25_000);
    expect(deadlineMs({ ...options, cell: { ...tcp, bufferBytes: 5_000_000 } })).toBe(23_500);
  });

  it('is that of the spec when it has one', () => {
    const options = { bare: true, iterations: 1, rusage: false };
    const one = cell('2proc', 4096, 4096);
    expect(runDeadlineMs(one, options, 1234)).toBe(1234);
    expect(runDeadlineMs(one, options, 'auto')).toBe(deadlineMs({ cell: one, ...options }));
  });
});

it('the commands name the program, every parameter and the mode, one for each cell', () => {
  const cells = [cell('2proc', 4096, 8192), { ...cell('2thread', 1, 2), ipc: 'tcp' as const }];
  const commands = commandsOf(cells, { bare: true, iterations: 2, rusage: false }, () => '/x/ipc');
  expect(commands.map((words) => words[0])).toEqual(['/x/ipc', '/x/ipc']);
  expect(commands.map((words) => words.at(-1))).toEqual(['2proc', '2thread']);
  expect(commands[0]!.join(' ')).toContain('-b 4096');
  expect(commands[1]!.join(' ')).toContain('-i tcp');
});

it('the command of a cell names the program that makes it', () => {
  const cells = ['base', 'new'].map((program) => ({ ...cell('2proc', 1, 2), program }));
  const options = { bare: true, iterations: 1, rusage: false };
  const commands = commandsOf(cells, options, (program) => `/x/${program}`);
  expect(commands.map((words) => words[0])).toEqual(['/x/base', '/x/new']);
});
