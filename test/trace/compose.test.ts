import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { OTHER_CALLS, systemCallNumbers } from '../../src/host/kernel/linux-syscalls.ts';
import { INSTRUMENT_NAMES } from '../../src/instruments/instruments.ts';
import { composeProgram, fill } from '../../src/trace/compose.ts';
import { dtrace } from '../../src/trace/dtrace/dtrace.ts';

describe('fill', () => {
  it('writes a name as a quoted string and a number as it is', () => {
    expect(
      fill('/execname == {{execname}} && ppid == {{launcher}}/', {
        execname: 'ipc-benchmark',
        launcher: 4711,
      }),
    ).toBe('/execname == "ipc-benchmark" && ppid == 4711/');
  });

  it('leaves a parameter without a value to be filled later', () => {
    const once = fill('{{execname}} {{launcher}}', { execname: 'ipc' });
    expect(once).toBe('"ipc" {{launcher}}');
    expect(fill(once, { launcher: 1 })).toBe('"ipc" 1');
  });

  it('compares with each of several names once', () => {
    const several = (...execname: string[]) =>
      fill('/execname == {{execname}} && pid == 1/', { execname });
    expect(several('base', 'new')).toBe('/(execname == "base" || execname == "new") && pid == 1/');
    expect(several('a', 'a')).toBe('/execname == "a" && pid == 1/');
    expect(() => several('a', 'b"')).toThrow(UserError);
    expect(() => fill('name({{execname}})', { execname: ['a', 'b'] })).toThrow(RangeError);
  });

  it('inserts nothing into a program but a whole string or a whole number', () => {
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

  it('says which name cannot be part of a program, and what to do', () => {
    expect(() => fill('{{execname}}', { execname: 'my bench' })).toThrow(/"my bench"/);
  });
});

describe('composeProgram', () => {
  const numbers = systemCallNumbers('x64', [...OTHER_CALLS, 'read', 'write']);
  const parameters = { execname: 'ipc-benchmark', ...numbers };
  const compose = (...files: string[]) => composeProgram(files, parameters);
  const session = 'trace/programs/bpftrace/session.bt';
  const channel = 'trace/programs/bpftrace/channel.bt';
  const sessionEnd = 'trace/programs/bpftrace/session-end.bt';
  const syscalls = 'instruments/syscalls/bpftrace.bt';
  const pipeStates = 'instruments/pipe-states/bpftrace.bt';

  it('gives the same text the same hash, and another text another', () => {
    const one = compose(session, sessionEnd);
    expect(compose(session, sessionEnd).sha256).toBe(one.sha256);
    expect(compose(sessionEnd, session).sha256).not.toBe(one.sha256);
    expect(compose(session, syscalls, sessionEnd).sha256).not.toBe(one.sha256);
  });

  it('leaves only the parameter for the launcher open', () => {
    const { source } = compose(session, channel, pipeStates, sessionEnd);
    expect(new Set(source.match(/\{\{\w+\}\}/g))).toEqual(new Set(['{{launcher}}']));
  });
});

describe.each(['freebsd', 'linux', 'darwin', 'sunos'] as const)('the D program on %s', (system) => {
  const { source, fragments } = dtrace.program(
    { platform: system, architecture: 'x64' },
    {
      execnames: ['ipc-benchmark'],
      instruments: INSTRUMENT_NAMES,
      events: true,
      options: {},
    },
  );
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '');

  it('leaves only the parameter for the launcher open', () => {
    expect(new Set(code.match(/\{\{\w+\}\}/g))).toEqual(new Set(['{{launcher}}']));
  });

  it('says when it is ready, and prints its end marker last', () => {
    expect(code).toContain('printf("ready\\n")');
    expect(fragments.at(-1)).toMatch(/session-end\.d$/);
    const marker = Math.max(code.lastIndexOf('printf("end '), code.lastIndexOf('printa("exit '));
    expect(marker).toBeGreaterThanOrEqual(code.lastIndexOf('printa('));
  });

  it('prints and empties every aggregation that it fills, and prints none as it ends', () => {
    const names = new Set([...code.matchAll(/(@\w+)\[/g)].map(([, name]) => name!));
    expect(names.size).toBeGreaterThanOrEqual(2);
    for (const name of names) {
      expect(code).toMatch(new RegExp(`printa\\("[^"]*", ${name}\\);`));
      expect(code.match(new RegExp(`trunc\\(${name}\\);`, 'g'))).toHaveLength(2);
    }
  });

  it('declares every thread-local above its first use', () => {
    for (const [use, name] of code.matchAll(/self->(\w+)/g)) {
      const declared = code.search(new RegExp(`self \\w+ ${name};`));
      expect(declared, use).toBeGreaterThanOrEqual(0);
      expect(declared).toBeLessThan(code.indexOf(`self->${name}`));
    }
  });

  it('selects the benchmark by a name that the kernel does not cut', () => {
    const long = dtrace.program(
      { platform: system, architecture: 'x64' },
      {
        execnames: ['a-benchmark-of-a-long-name'],
        instruments: INSTRUMENT_NAMES,
        events: false,
        options: {},
      },
    );
    const name = /execname == "([^"]+)"/.exec(long.source)?.[1];
    expect(name).toBe('a-benchmark-of-a-long-name'.slice(0, system === 'freebsd' ? 19 : 15));
  });
});

describe('the D program on Linux', () => {
  const { source } = dtrace.program(
    { platform: 'linux', architecture: 'x64' },
    { execnames: ['ipc-benchmark'], instruments: INSTRUMENT_NAMES, events: true, options: {} },
  );

  it('aggregates nothing at the end of a process, because the kernel would refuse to load that', () => {
    const clauses = source.replace(/\/\*[\s\S]*?\*\//g, '').split(/^\}$/m);
    const atEnd = clauses.filter((clause) => /^proc:::(lwp-)?exit\b/m.test(clause));
    expect(atEnd.length).toBeGreaterThan(0);
    for (const clause of atEnd) expect(clause).not.toContain('@');
  });
});

describe('the D program on FreeBSD', () => {
  const { source } = dtrace.program(
    { platform: 'freebsd', architecture: 'x64' },
    {
      execnames: ['ipc-benchmark'],
      instruments: ['pipe-states', 'context-switches'],
      events: true,
      options: {},
    },
  );

  it("ends each process's events with a line of their own", () => {
    const end = source.indexOf('printf("end %d.%d\\n", pid, run_image)');
    expect(end).toBeGreaterThan(source.lastIndexOf('printf("event '));
    expect(source.slice(0, end)).toMatch(/proc:::exit\n\/execname == "ipc-benchmark"\/\n\{\n\t$/);
  });

  it('counts the last context switch of a process before its exit, where its counts are printed', () => {
    const last = source.search(
      /proc:::exit\n[^\n]*\n\{\n\tself->leaving = 1;\n\t@context_switches/,
    );
    expect(last).toBeGreaterThan(0);
    expect(last).toBeLessThan(source.indexOf('@exits[pid, run_image, ppid] = count()'));
  });

  it('compares pointers as numbers, since their types may not match', () => {
    const { source } = dtrace.program(
      { platform: 'freebsd', architecture: 'x64' },
      { execnames: ['ipc-benchmark'], instruments: INSTRUMENT_NAMES, events: true, options: {} },
    );
    expect(source).toContain('(uint64_t)args[0] != (uint64_t)curthread');
    expect(source).not.toMatch(/[!=]= curthread\b(?!->td_(?:state|tid))/);
    expect(source).not.toMatch(/(?:^|[^)\]>])args\[\d\](?:->p_pptr)? [!=]=/m);
  });
});
