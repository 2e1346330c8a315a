import { describe, expect, it } from 'vitest';
import { untilRunEnds } from '../../../src/trace/session/run-end.ts';
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
      expect([seen.answers, seen.looks]).toEqual([answering, 0]);
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
