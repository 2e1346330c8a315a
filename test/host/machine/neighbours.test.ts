import { describe, expect, it } from 'vitest';
import { Neighbours, processesCalled } from '../../../src/host/machine/neighbours.ts';
import { machine } from './file-tree.ts';

const process = (pid: number, name: string, state: string, group: number) => ({
  [`/proc/${pid}/comm`]: name,
  [`/proc/${pid}/stat`]: `${pid} (${name}) ${state} 1 ${group} ${group} 0 -1 4194304`,
});

describe('benchmarks that run on a machine', () => {
  it('are its processes of that name, but for stopped and dead ones', async () => {
    const here = machine('linux', {
      ...process(10, 'ipc-benchmark', 'R', 10),
      ...process(11, 'ipc-benchmark', 'S', 10),
      ...process(12, 'ipc-benchmark', 'Z', 12),
      ...process(13, 'ipc-benchmark', 'T', 13),
      ...process(14, 'a) R 1 1 (', 'R', 14),
      ...process(15, 'a-benchmark-of-', 'R', 15),
      '/proc/16/comm': 'ipc-benchmark',
    });
    const names = ['ipc-benchmark', 'a-benchmark-of-a-long-name'];
    expect(await processesCalled(here, names)).toEqual([
      ...[
        { pid: 10, group: 10 },
        { pid: 11, group: 10 },
        { pid: 15, group: 15 },
      ],
    ]);
  });

  it('are told by ps elsewhere', async () => {
    const ps =
      '    1     0 /sbin/launchd\n  812   811 /opt/lab/ipc-benchmark\n  900   900 ipc-benchmark\n';
    const here = machine('darwin', {}, { ps });
    expect(await processesCalled(here, ['ipc-benchmark'])).toEqual([
      { pid: 812, group: 811 },
      { pid: 900, group: 900 },
    ]);
    expect(await processesCalled(machine('freebsd', {}), ['ipc-benchmark'])).toEqual([]);
  });
});

describe('a doubt about other benchmarks', () => {
  /** Looks at what `seen` holds then. */
  function watch(lookMs = 0) {
    let looks = 0;
    const state = { nowMs: 0, seen: [] as { pid: number; group: number }[], looks: () => looks };
    const neighbours = new Neighbours(
      machine('linux', {}),
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

  it('concerns every run beside one, and none after it has gone', async () => {
    const { state, run } = watch();
    expect(await run(1, 10)).toEqual([]);
    state.nowMs = 1000;
    state.seen = [{ pid: 7, group: 7 }];
    const said = ['foreign-benchmark: another benchmark ran at the same time (pid 7)'];
    expect(await run(2, 10)).toEqual(said);
    expect(await run(3, 10)).toEqual(said);
    state.seen = [];
    expect(await run(4, 10)).toEqual([]);
  });

  it('is not about what the run itself has started', async () => {
    const { state, run } = watch();
    await run(1, 10);
    state.seen = [{ pid: 21, group: 20 }];
    expect(await run(20, 5000)).toEqual([]);
  });

  it('is looked for less often where a look takes long', async () => {
    const { state, run } = watch(100);
    for (let at = 0; at < 100; at++) await run(at + 100, 100);
    // A look of 100 ms in ten seconds.
    expect(state.looks()).toBeLessThanOrEqual(2);
  });

  it('does not come with a look at every run of a quiet machine', async () => {
    const { state, run } = watch();
    for (let at = 0; at < 500; at++) await run(at + 100, 10);
    expect(state.looks()).toBeLessThan(10);
  });
});
