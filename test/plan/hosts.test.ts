import { describe, expect, it } from 'vitest';
import { cellKey } from '../../src/experiment/cell.ts';
import { assignCells } from '../../src/plan/assign.ts';
import type { SweepCosts } from '../../src/plan/estimate.ts';
import { planHosts } from '../../src/plan/hosts.ts';
import { orderRuns } from '../../src/plan/order.ts';
import { cellsOf } from './cells.ts';

describe('the host of each cell', () => {
  it('is each host in turn, from the first one', () => {
    expect(assignCells(cellsOf(5), ['a', 'b'], new Map())).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(assignCells(cellsOf(2), ['only'], new Map())).toEqual(['only', 'only']);
    expect(assignCells([], ['a', 'b'], new Map())).toEqual([]);
  });

  it('is where its runs are, which counts as work of that host', () => {
    const cells = cellsOf(6);
    const fixed = new Map([
      [cellKey(cells[0]!), 'a'],
      [cellKey(cells[4]!), 'a'],
    ]);
    expect(assignCells(cells, ['a', 'b'], fixed)).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  });

  it('is the one that the cell itself names', () => {
    const [one, two, three] = cellsOf(3);
    const cells = [{ ...one!, host: 'b' }, { ...two!, host: 'b' }, three!];
    expect(assignCells(cells, ['a', 'b'], new Map())).toEqual(['b', 'b', 'a']);
  });

  it('stays one that the sweep no longer has, which gets no other cells', () => {
    const cells = cellsOf(4);
    const fixed = new Map([[cellKey(cells[1]!), 'gone']]);
    expect(assignCells(cells, ['a', 'b'], fixed)).toEqual(['a', 'gone', 'b', 'a']);
  });

  it('stays where the runs are even if another program made its runs elsewhere', () => {
    const [cell] = cellsOf(1);
    const cells = ['base', 'new', 'third'].map((program) => ({ ...cell!, program }));
    const fixed = new Map([
      [cellKey(cells[0]!), 'a'],
      [cellKey(cells[1]!), 'b'],
    ]);
    expect(assignCells(cells, ['a', 'b'], fixed).slice(0, 2)).toEqual(['a', 'b']);
  });

  it('is chosen by the number of cells, also of those that follow another program', () => {
    const [first, second, third] = cellsOf(3);
    const cells = [
      ...['base', 'new'].map((program) => ({ ...first!, program })),
      { ...second!, program: 'base' },
      { ...third!, program: 'base' },
    ];
    expect(assignCells(cells, ['a', 'b'], new Map())).toEqual(['a', 'a', 'b', 'b']);
  });
});

describe('the share of a host in a plan', () => {
  const COSTS: SweepCosts = {
    options: { bare: true, iterations: 1 },
    timeout: 'auto',
    ...{ tracer: undefined, attachPerRun: false, scriptSeconds: 0 },
  };
  const planned = (count: number, hosts: readonly string[]) => {
    const cells = cellsOf(count);
    const runs = orderRuns(cells, {
      ...{ trials: 100, warmup: 0, order: 'shuffled', seed: 1, traced: false, controls: false },
    });
    return planHosts(cells, hosts, runs, COSTS);
  };

  it('has its own cells and runs, and the time to reach it unless it is this machine', () => {
    const { hostOf, shares, seconds } = planned(3, ['local', 'far']);
    expect(hostOf).toEqual(['local', 'far', 'local']);
    expect(shares.map(({ host, cells, runs }) => [host, cells, runs])).toEqual([
      ['local', 2, 200],
      ['far', 1, 100],
    ]);
    // A small run takes 2 ms, and 1.5 ms pass until the next one.
    expect(shares[0]!.seconds).toBeCloseTo(0.8 + 200 * 0.0035, 3);
    expect(shares[1]!.seconds).toBeCloseTo(0.8 + 3 + 100 * 0.0035, 3);
    expect(seconds).toBe(shares[1]!.seconds);
  });

  it('is only the time around the runs when it has none', () => {
    const { shares } = planned(1, ['local', 'far']);
    expect(shares[1]).toEqual({ host: 'far', cells: 0, runs: 0, seconds: 3.8 });
  });
});
