import { describe, expect, it } from 'vitest';
import { type HangUpSigns, hangUpIgnored } from '../../src/cli/hang-up.ts';

const NONE: HangUpSigns = {
  environment: { _: '/usr/bin/node' },
  parentStatus: 'Name:\tbash\nSigIgn:\t0000000000384004\n',
  standardInput: 'pos:\t0\nflags:\t0100000\n',
  fromNull: true,
};

describe('a hang-up', () => {
  it('ends ipc-sweep where nothing says that it is to be ignored', () => {
    expect(hangUpIgnored(NONE)).toBe(false);
    const empty = { environment: {}, parentStatus: undefined, standardInput: undefined };
    expect(hangUpIgnored({ ...empty, fromNull: false })).toBe(false);
    const odd = { environment: { _: '' }, parentStatus: 'SigIgn:\tzz', standardInput: 'flags: 9' };
    expect(hangUpIgnored({ ...odd, fromNull: true })).toBe(false);
  });

  it.each([
    ['a shell has started nohup', { environment: { _: '/usr/bin/nohup' } }],
    [
      'nohup has replaced the terminal that was standard input',
      { standardInput: 'flags:\t0100001\n' },
    ],
    ['the script that has started it ignores it', { parentStatus: 'SigIgn:\t0000000000000001\n' }],
  ])('is ignored where %s', (_, sign) => {
    expect(hangUpIgnored({ ...NONE, ...sign })).toBe(true);
  });

  it('ends ipc-sweep when standard input is open for writing to a file other than the null device', () => {
    expect(hangUpIgnored({ ...NONE, standardInput: 'flags:\t01\n', fromNull: false })).toBe(false);
  });
});
