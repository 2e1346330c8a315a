import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/instruments/instrument.ts';
import { profile, SAMPLES_PER_S } from '../../../src/instruments/profile/instrument.ts';
import { MOST_FRAMES, NO_STACK } from '../../../src/instruments/profile/stack-text.ts';

const role: Role = 'receiver';
const counted = (stacks: Readonly<Record<string, number>>) => ({
  profile: Object.entries(stacks).map(([stack, count]) => ({ role, stack, count })),
});
const reported = (count: number, wallNs: number, processors: number) =>
  profile.checkReported({
    ...{ counts: counted({ a: count }), samples: [], platform: 'linux', wallNs, processors },
  });

describe('the checks of a profile', () => {
  it('suspect a run with more samples than its processors can take', () => {
    expect(reported(1994, 1e9, 2)).toEqual([]);
    expect(reported(4000, 1e9, 2)).toEqual([
      {
        code: 'profile-samples',
        message:
          '4000 stack samples of a run of 1000 ms on 2 processors, which take 997 a second each',
        suspect: true,
      },
    ]);
    expect(reported(2, 100_000, 1)).toEqual([]);
    expect(reported(3, 100_000, 1).map(({ message }) => message)).toEqual([
      '3 stack samples of a run of 0 ms on one processor, which take 997 a second each',
    ]);
    // Two samples may be late ones.
    expect(reported(2, 0, 1)).toEqual([]);
    expect(reported(3, 0, 1)).toHaveLength(1);
  });

  it('report samples without a stack, and do not suspect the run because of them', () => {
    const run = {
      ipc: 'pipe',
      iterations: 1,
      calls: { read: { all: 0, moved: 0 }, write: { all: 0, moved: 0 } },
    };
    expect(profile.check({ ...run, counts: counted({ a: 5 }) })).toEqual([]);
    expect(profile.check({ ...run, counts: counted({ a: 5, [NO_STACK]: 1 }) })).toMatchObject([
      { code: 'profile-stacks', suspect: false },
    ]);
  });

  it('accept a run that was too short for a sample', () => {
    expect(reported(0, 400_000, 2)).toEqual([]);
  });
});

it.each(Object.values(profile.programs))('the program %s prints what the reader knows', (file) => {
  const folder = new URL('../../../src/instruments/profile/', import.meta.url);
  const text = readFileSync(new URL(file, folder), 'utf8');
  expect(text).toMatch(new RegExp(`^profile:(hz:|::profile-)${SAMPLES_PER_S}\\b`, 'm'));
  expect(text).toMatch(new RegExp(`\\bk?stack\\(${MOST_FRAMES}\\)`));
});
