import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cellKey } from '../../src/experiment/cell.ts';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { planHosts } from '../../src/plan/hosts.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { TimeLeft } from '../../src/plan/time-left.ts';
import { sweepCosts } from '../../src/sweep/costs.ts';
import { TRACERS } from '../../src/trace/choose.ts';
import { type RecordedSweep, saidBefore, saidHalfway } from './recorded-sweep.ts';

const MODULES = { cellKey, parseExperiment, planHosts, makePlan, TimeLeft, sweepCosts, TRACERS };

const FOLDER = new URL('../fixtures/durations/', import.meta.url);
const recordings = readdirSync(FOLDER).map((file) => ({
  name: basename(file, '.json'),
  recorded: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as RecordedSweep,
}));

describe('the estimate of a recorded sweep', () => {
  it('is checked on every kind of sweep that has a cost of its own', () => {
    expect(recordings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['untraced', 'bpftrace', 'bpftrace-controls', 'bpftrace-per-run']),
    );
    expect(recordings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['script', 'strace', 'tcp-small']),
    );
  });

  it.each(recordings)('is within a factor of 2 before the sweep began: $name', ({ recorded }) => {
    const ratio = saidBefore(recorded, MODULES) / recorded.seconds;
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it.each(recordings)('is within a factor of 2 halfway: $name', ({ recorded }) => {
    const { said, is } = saidHalfway(recorded, MODULES);
    expect(said / is).toBeGreaterThan(0.5);
    expect(said / is).toBeLessThan(2);
  });
});

/** The cost that docs/tracing.md prints, in ms, by tracer and buffer; 1 MiB of each. */
function documentedCosts(): readonly { tracer: string; buffer: number; cost: number }[] {
  const page = readFileSync(new URL('../../docs/tracing.md', import.meta.url), 'utf8');
  return [...page.matchAll(/^(\w+) .*: medians in ms\n(?:.+\n)+/gm)].flatMap(([table, tracer]) =>
    [...table.matchAll(/^(\d+) +\d+ +[\d.]+ +[\d.]+ +([\d.]+)$/gm)].map(([, buffer, cost]) => ({
      ...{ tracer: tracer!, buffer: Number(buffer), cost: Number(cost) },
    })),
  );
}

describe('the cost of a traced run', () => {
  it('is within a factor of 2 of the measurements in docs/tracing.md', () => {
    const documented = documentedCosts();
    expect(new Set(documented.map(({ tracer }) => tracer))).toEqual(
      new Set(TRACERS.map(({ name }) => name)),
    );
    for (const { tracer: name, buffer, cost } of documented) {
      const tracer = TRACERS.find((it) => it.name === name)!.costOn('linux');
      const said = 1000 * (tracer.runSeconds + (2 ** 20 / buffer) * tracer.messageSeconds);
      expect(said / cost, `${name}, ${buffer}`).toBeGreaterThan(0.5);
      expect(said / cost, `${name}, ${buffer}`).toBeLessThan(2);
    }
  });
});
