import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { composeProgram, fill } from '../../src/trace/compose.ts';

describe('fill', () => {
  it('writes a name as a quoted string and a number as it is', () => {
    expect(
      fill('/execname == {{execname}} && ppid == {{launcher}}/', {
        execname: 'ipc-benchmark',
        launcher: 4711,
      }),
    ).toBe('/execname == "ipc-benchmark" && ppid == 4711/');
  });

  it('leaves a parameter that is not given to be filled later', () => {
    const once = fill('{{execname}} {{launcher}}', { execname: 'ipc' });
    expect(once).toBe('"ipc" {{launcher}}');
    expect(fill(once, { launcher: 1 })).toBe('"ipc" 1');
  });

  it('lets nothing into a program but one whole string or one whole number', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 80 }),
          fc.string({ unit: fc.constantFrom('"', '\\', '/', '{', '}', '$', '&', '\n', 'a', '.') }),
          fc.constantFrom('$&', '$`', '{{launcher}}', 'a"/\n{ system("x"); }', 'a\n', '*/', ''),
        ),
        (name) => {
          let filled: string;
          try {
            filled = fill('/execname == {{execname}}/', { execname: name, launcher: 1 });
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
            return;
          }
          expect(filled).toMatch(/^\/execname == "[A-Za-z0-9._+-]{1,64}"\/$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses the number %d', (pid) => {
    expect(() => fill('{{launcher}}', { launcher: pid })).toThrow(RangeError);
  });

  it('says which name cannot stand in a program, and what to do', () => {
    expect(() => fill('{{execname}}', { execname: 'my bench' })).toThrow(/"my bench"/);
  });
});

describe('composeProgram', () => {
  const parameters = { execname: 'ipc-benchmark', read: 0, write: 1 };
  const compose = (...files: string[]) =>
    composeProgram(
      files.map((file) => `bpftrace/${file}`),
      parameters,
    );

  it('gives the same text the same hash, and another text another', () => {
    const one = compose('session.bt', 'session-end.bt');
    expect(compose('session.bt', 'session-end.bt').sha256).toBe(one.sha256);
    expect(compose('session-end.bt', 'session.bt').sha256).not.toBe(one.sha256);
    expect(compose('session.bt', 'syscalls.bt', 'session-end.bt').sha256).not.toBe(one.sha256);
  });

  it('leaves open only who the launcher is', () => {
    const { source } = compose('session.bt', 'channel.bt', 'pipe-states.bt', 'session-end.bt');
    expect(new Set(source.match(/\{\{\w+\}\}/g))).toEqual(new Set(['{{launcher}}']));
  });
});
