import { describe, expect, it } from 'vitest';
import { leftBehind, untilRunEnds } from '../../../src/trace/session/run-end.ts';
import { Tally } from '../../../src/trace/session/tally.ts';

const ROOT = 7;

function tallyWith(children: readonly number[]): Tally {
  const tally = new Tally();
  for (const pid of children) tally.add({ kind: 'child', pid, parent: ROOT });
  return tally;
}

/**
 * A tracer that answers when it is asked, and a machine on which processes are still there.
 * @param answering how many questions it answers
 * @param looks how often each process is found there before it has ended
 */
function ending(children: readonly number[], looks: ReadonlyMap<number, number>, answering = 9) {
  const seen = { questions: 0, answers: 0, looks: 0 };
  const left = new Map(looks);
  const end = untilRunEnds(tallyWith(children), ROOT, async (condition) => condition(), {
    ask(rootPid) {
      expect(rootPid).toBe(ROOT);
      seen.questions++;
      if (seen.answers < answering) seen.answers++;
    },
    async isThere(pid) {
      seen.looks++;
      const more = left.get(pid) ?? 0;
      left.set(pid, more - 1);
      return more > 0;
    },
    answers: () => seen.answers,
  });
  return { end, seen };
}

const ENDED = { state: 'ended', living: [] };

describe('a run whose tracer is asked for its counts', () => {
  it('has ended when the tracer has answered twice and no process is there', async () => {
    const { end, seen } = ending([8, 9], new Map());
    expect(await end).toEqual(ENDED);
    expect(seen).toEqual({ questions: 2, answers: 2, looks: 2 });
  });

  it('is missing when the tracer does not answer, the first time or the second', async () => {
    for (const answering of [0, 1]) {
      const { end, seen } = ending([8], new Map(), answering);
      expect(await end).toEqual({ state: 'missing' });
      expect(seen).toEqual({ questions: answering + 1, answers: answering, looks: 0 });
    }
  });

  it('is asked again once the processes that the root left behind have ended', async () => {
    const { end, seen } = ending([8, 9], new Map([[9, 3]]));
    expect(await end).toEqual(ENDED);
    expect(seen).toEqual({ questions: 4, answers: 4, looks: 8 });
    const lost = ending([8, 9], new Map([[9, 1]]), 2);
    expect(await lost.end).toEqual({ state: 'missing' });
  });

  it('names the processes that go on, after a hundred looks', async () => {
    const { end, seen } = ending([8, 9], new Map([[9, 1000]]));
    expect(await end).toEqual({ state: 'ended', living: [9] });
    expect(seen).toEqual({ questions: 2, answers: 2, looks: 202 });
  });

  it('takes every process for ended where nobody can look', async () => {
    let answers = 0;
    const end = untilRunEnds(tallyWith([8]), ROOT, async (condition) => condition(), {
      ask: () => {
        answers++;
      },
      answers: () => answers,
    });
    expect(await end).toEqual(ENDED);
  });
});

/** Waits for a condition: something happens, and then the time is over. */
const waiting = (met: boolean[], happen: () => void) => async (condition: () => boolean) => {
  met.push(condition());
  happen();
  met.push(condition());
  return condition();
};

describe('a run whose tracer prints the exit of each process', () => {
  it.each([
    ['has ended when all of them have', [9, 7, 8], true, ENDED],
    ['names those that go on after its root', [7, 8], false, { state: 'ended', living: [9] }],
    ['is missing when its root goes on', [8, 9], false, { state: 'missing' }],
  ])('%s', async (_, exits, over, end) => {
    const tally = tallyWith([8, 9]);
    const met: boolean[] = [];
    const exit = () => {
      for (const pid of exits) tally.add({ kind: 'exit', pid });
    };
    const answers = () => 0;
    expect(
      await untilRunEnds(tally, ROOT, waiting(met, exit), { printsExits: true, answers }),
    ).toEqual(end);
    expect(met).toEqual([false, over]);
  });
});

describe('a run whose tracer prints one marker at its end', () => {
  it.each([
    [0, { state: 'missing' }],
    [1, ENDED],
  ])('has ended with the first one: %i', async (markers, end) => {
    let answers = 0;
    const met: boolean[] = [];
    const answer = () => {
      answers = markers;
    };
    const protocol = { answers: () => answers };
    expect(await untilRunEnds(tallyWith([]), ROOT, waiting(met, answer), protocol)).toEqual(end);
    expect(met).toEqual([false, markers === 1]);
  });
});

describe('the doubt about processes that go on', () => {
  it('is none if there are none', () => {
    expect(leftBehind([])).toBeUndefined();
  });

  it('names up to ten of them', () => {
    const rest =
      'of the benchmark went on after it had ended: what it did then is not in the counts';
    expect(leftBehind([5])).toEqual({
      ...{ code: 'left-behind', message: `process 5 ${rest}`, suspect: true },
    });
    expect(leftBehind([5, 6])?.message).toBe(`processes 5, 6 ${rest}`);
    expect(leftBehind([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])?.message).toBe(
      `processes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ${rest}`,
    );
  });
});
