import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, MODES } from '../../src/experiment/cell.ts';
import { LIMITS } from '../../src/experiment/limits.ts';
import { experimentSchema } from '../../src/experiment/schema.ts';
import { deadlineMs, estimateSeconds, sleepSeconds } from '../../src/plan/estimate.ts';
import { commandsOf, estimateRuns, makePlan, runDeadlineMs } from '../../src/plan/plan.ts';

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

describe('the estimate', () => {
  it('counts 3 s of sleep a sample in 2proc, 2 s in 2thread, and none when bare', () => {
    const small = (mode: Cell['mode'], iterations: number, bare: boolean) =>
      Math.round(estimateSeconds({ cell: cell(mode, 4096, 4096), iterations, bare }) * 10) / 10;
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
        const seconds = estimateSeconds(given);
        expect(seconds).toBeGreaterThan(0);
        for (const more of [
          { ...given, iterations: given.iterations + 1 },
          { ...given, cell: cell(mode, bufferBytes, totalBytes * 2) },
          { ...given, cell: cell(mode, bufferBytes / 2, totalBytes) },
        ]) {
          expect(estimateSeconds(more)).toBeGreaterThan(seconds);
        }
      }),
    );
  });

  it('of a plan is the sum over its runs, and once the time to attach a tracer', () => {
    const document = experimentSchema.parse({ name: 'q', trials: 4, warmup: 1 });
    const only = cell('2proc', 4096, 4096);
    const estimate = (traced: boolean) => {
      const { runs, options } = makePlan([only], document, { traced, done: new Set() });
      return estimateRuns(runs, options);
    };
    const one = estimateSeconds({ cell: only, iterations: 1, bare: false });
    expect(estimate(false)).toBeCloseTo(5 * one, 6);
    expect(estimate(true)).toBeGreaterThan(estimate(false));
    expect(estimate(true)).toBeLessThan(estimate(false) + 10);
    expect(estimateRuns([], document.benchmark)).toBe(0);
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
          expect(ms).toBeGreaterThan(1000 * estimateSeconds(given) + 10_000);
        }
      }),
    );
    expect(LIMITS.timeoutMs).toBeLessThan(2 ** 31);
    const endless = { cell: cell('2proc', 1, LIMITS.totalBytes), iterations: 10_000, bare: false };
    expect(deadlineMs(endless)).toBe(LIMITS.timeoutMs);
  });

  it("is the spec's own when it gives one", () => {
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
