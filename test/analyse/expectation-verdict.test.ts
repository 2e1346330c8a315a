import { describe, expect, it } from 'vitest';
import { expectationVerdict } from '../../src/analyse/expectation-verdict.ts';
import type { CellJudgement } from '../../src/analyse/expectations.ts';

const cell = {} as CellJudgement['cell'];
const met = (measured: number): CellJudgement => ({
  ...{ cell, state: 'met', measured, shown: `${measured} s` },
});
const missed = (measured: number): CellJudgement => ({
  ...{ cell, state: 'missed', measured, shown: `${measured} s` },
});
const unknown = (because: 'no-runs' | 'no-controls', shown: string): CellJudgement => ({
  ...{ cell, state: 'unknown', because, shown },
});

describe('the verdict on an expectation', () => {
  it('is a pass when every cell that was made meets it', () => {
    expect(expectationVerdict([met(5), met(40), met(9)], 0, true)).toEqual({
      ...{ state: 'pass', because: undefined, found: '5 s to 40 s' },
      ...{ cells: 3, met: 3, missed: 0, unknown: 0, missing: 0, least: 5, most: 40 },
    });
    expect(expectationVerdict([met(5)], 0, true)).toMatchObject({ state: 'pass', found: '5 s' });
    expect(expectationVerdict([met(5), met(5)], 0, true)).toMatchObject({ found: '5 s' });
  });

  it('is a failure as soon as one cell misses it, whatever is not known of the others', () => {
    const judged = [met(5), missed(70), unknown('no-runs', 'nothing'), missed(8)];
    expect(expectationVerdict(judged, 2, true)).toEqual({
      ...{ state: 'fail', because: undefined, found: '8 s to 70 s in 2 of 4 cells' },
      ...{ cells: 4, met: 1, missed: 2, unknown: 1, missing: 2, least: 5, most: 70 },
    });
    expect(expectationVerdict([missed(7)], 0, false)).toMatchObject({
      ...{ state: 'fail', found: '7 s', least: 7, most: 7 },
    });
  });

  it('is left open by a cell of which something is not known, with the first reason', () => {
    const judged = [met(5), unknown('no-controls', 'no controls'), unknown('no-runs', 'nothing')];
    expect(expectationVerdict(judged, 0, false)).toEqual({
      ...{ state: 'not-judged', because: 'no-controls', found: 'no controls in 2 of 3 cells' },
      ...{ cells: 3, met: 1, missed: 0, unknown: 2, missing: 0, least: 5, most: 5 },
    });
    expect(expectationVerdict([unknown('no-runs', 'nothing')], 0, false)).toEqual({
      ...{ state: 'not-judged', because: 'no-runs', found: 'nothing' },
      ...{ cells: 1, met: 0, missed: 0, unknown: 1, missing: 0 },
      ...{ least: undefined, most: undefined },
    });
  });

  it('is left open where no cell was made, or one of the spec was not and each has to be', () => {
    const none = { state: 'not-judged', because: 'no-such-cell' };
    expect(expectationVerdict([], 0, false)).toMatchObject({
      ...{ ...none, found: 'no cell that it concerns was made', cells: 0, least: undefined },
    });
    expect(expectationVerdict([met(5)], 2, true)).toMatchObject({
      ...{ ...none, found: "not made: 2 of the spec's cells that it concerns", missing: 2 },
    });
    expect(expectationVerdict([met(5)], 2, false)).toMatchObject({ state: 'pass', missing: 2 });
  });
});
