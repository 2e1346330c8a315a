import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/host/host.ts';
import { Neighbours } from '../../../src/host/machine/neighbours.ts';

const HERE = { machine: { platform: 'linux' } } as Partial<Host> as Host;

describe('a doubt about other benchmarks', () => {
  /** Looks at what `seen` holds then. */
  function watch(lookMs = 0) {
    let looks = 0;
    const state = {
      nowMs: 0,
      seen: [] as { pid: number; group: number; stopped: boolean }[],
      looks: () => looks,
    };
    const neighbours = new Neighbours(
      HERE,
      [],
      () => state.nowMs,
      async () => {
        looks++;
        state.nowMs += lookMs;
        return state.seen;
      },
    );
    const run = async (group: number, takesMs: number) => {
      await neighbours.before();
      state.nowMs += takesMs;
      return (await neighbours.after(group)).map(({ code, message }) => `${code}: ${message}`);
    };
    return { state, run };
  }

  it('is raised for every run beside one, and for none after it has gone', async () => {
    const { state, run } = watch();
    expect(await run(1, 10)).toEqual([]);
    state.nowMs = 1000;
    state.seen = [{ pid: 7, group: 7, stopped: false }];
    const said = ['foreign-benchmark: another benchmark ran at the same time (pid 7)'];
    expect(await run(2, 10)).toEqual(said);
    expect(await run(3, 10)).toEqual(said);
    state.seen = [];
    expect(await run(4, 10)).toEqual([]);
  });

  it('is not raised for one that is stopped', async () => {
    const { state, run } = watch();
    state.seen = [{ pid: 7, group: 7, stopped: true }];
    expect(await run(2, 10)).toEqual([]);
  });

  it('is not raised for what the run itself has started', async () => {
    const { state, run } = watch();
    await run(1, 10);
    state.seen = [{ pid: 21, group: 20, stopped: false }];
    expect(await run(20, 5000)).toEqual([]);
  });

  it('is checked less often where a look takes long', async () => {
    const { state, run } = watch(100);
    for (let at = 0; at < 100; at++) await run(at + 100, 100);
    // A look of 100 ms in ten seconds.
    expect(state.looks()).toBeLessThanOrEqual(2);
  });

  it('does not need a look at every run of a quiet machine', async () => {
    const { state, run } = watch();
    for (let at = 0; at < 500; at++) await run(at + 100, 10);
    expect(state.looks()).toBeLessThan(10);
  });
});
