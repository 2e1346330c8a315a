import { describe, expect, it } from 'vitest';
import { RunDoubts } from '../../../src/trace/session/run-doubts.ts';

const note = (pid: number) => ({
  code: 'foreign-benchmark',
  message: `another benchmark ran (pid ${pid})`,
  suspect: false,
});
const dropped = { code: 'tracer-dropped', message: '12 drops on CPU 0', suspect: true };

describe('RunDoubts', () => {
  it('keeps a doubt of another kind after any number of notes', () => {
    const doubts = new RunDoubts();
    for (let pid = 1; pid <= 500; pid++) doubts.add(note(pid));
    doubts.add(dropped);
    const all = doubts.all('dtrace');
    expect(all).toContainEqual(dropped);
    expect(all.length).toBeLessThan(30);
    expect(all).toContainEqual({
      code: 'foreign-benchmark',
      message: 'and 480 more of this kind',
      suspect: false,
    });
  });

  it('keeps a repeated doubt only once', () => {
    const doubts = new RunDoubts();
    for (let n = 0; n < 50; n++) doubts.add(dropped);
    expect(doubts.all('dtrace')).toEqual([dropped]);
  });

  it('does not count a doubt as a further one if it is already kept', () => {
    const doubts = new RunDoubts();
    for (let pid = 1; pid <= 20; pid++) doubts.add(note(pid));
    doubts.add(note(1));
    expect(doubts.all('dtrace')).toHaveLength(20);
  });

  it('makes the run suspect when one of the doubts that are only counted does', () => {
    const doubts = new RunDoubts();
    for (let pid = 1; pid <= 20; pid++) doubts.add(note(pid));
    doubts.add({ ...note(21), suspect: true });
    doubts.add(note(22));
    expect(doubts.all('dtrace').at(-1)).toMatchObject({
      ...{ message: 'and 2 more of this kind', suspect: true },
    });
  });

  it('adds up losses that are reported in parts', () => {
    const doubts = new RunDoubts();
    for (let n = 1; n <= 300; n++) doubts.addLost('events', n);
    doubts.addLost('counts', 1);
    expect(doubts.all('bpftrace')).toEqual([
      { code: 'tracer-dropped', message: 'bpftrace lost 45150 events', suspect: true },
      { code: 'tracer-dropped', message: 'bpftrace lost 1 counts', suspect: true },
    ]);
  });

  it('passes on losses, which may belong to the next run, and nothing else', () => {
    const doubts = new RunDoubts();
    doubts.add(note(1));
    doubts.add(dropped);
    doubts.addLost('events', 3);
    expect(
      doubts
        .late()
        .all('dtrace')
        .map(({ message }) => message),
    ).toEqual([dropped.message, 'dtrace lost 3 events']);
  });
});
