import { describe, expect, it } from 'vitest';
import { hostLines } from '../../src/cli/host-lines.ts';
import type { HostProgress } from '../../src/store/host-progress.ts';
import type { SweepRow } from '../../src/store/reader.ts';

const sweep = (state: string, relativeCi: number | null = null) =>
  ({ state, relative_ci: relativeCi }) as SweepRow;
const host = (change: Partial<HostProgress>): HostProgress => ({
  ...{ name: 'board-1', machine: 'pi', cells: 2, done: 3, planned: 10, bad: 1, trouble: undefined },
  ...change,
});
const lines = (hosts: readonly HostProgress[], of = sweep('running')) => hostLines(hosts, of, 80);

describe('the lines about hosts', () => {
  it('are left out for a sweep that only this machine makes, or of which nothing is known', () => {
    expect(lines([host({ name: 'local' })])).toEqual([]);
    expect(lines([host({ name: '' })])).toEqual([]);
    expect(lines([])).toEqual([]);
  });

  it('say what each host does, and why a host is in trouble', () => {
    const away = { state: 'away', reason: 'no route\nto host' } as const;
    const gone = { state: 'gone', reason: 'the link broke' } as const;
    const shown = lines([
      host({}),
      host({ name: 'board-2', done: 10 }),
      host({ name: 'board-3', machine: undefined, done: 0, bad: 0, trouble: away }),
      host({ name: 'board-4', trouble: gone }),
    ]);
    expect(shown.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'host machine cells runs not good state',
      'board-1 pi 2 3/10 1 running',
      'board-2 pi 2 10/10 1 done',
      'board-3 - 2 0/10 0 set aside: no route to host',
      'board-4 pi 2 3/10 1 gone, tried again: the link broke',
    ]);
    expect(lines([host({ trouble: gone })], sweep('stopped'))[1]).toMatch(/gone: the link broke$/);
  });

  it('show that more runs may be needed, and fit the screen', () => {
    expect(lines([host({})], sweep('running', 0.02))[1]).toContain('3/10+');
    const long = host({ trouble: { state: 'away', reason: 'x'.repeat(200) } });
    expect(lines([long]).every((line) => line.length <= 80)).toBe(true);
  });
});
