import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RidingScript } from '../../../../src/trace/user-scripts/riding/piece.ts';
import { rideBpftrace } from '../../../../src/trace/user-scripts/riding/ride-bpftrace.ts';

function ride(text: string, number = 0) {
  const script = { path: '/spec/a.bt', name: 'a.bt', text, tracer: 'bpftrace' as const };
  return rideBpftrace({ ...script, json: false, flags: [] }, number);
}

function ridden(text: string, number = 0): RidingScript {
  const found = ride(text, number);
  if ('reason' in found) throw new Error(`line ${found.line}: ${found.reason}`);
  return found;
}

const textOf = ({ begin, probes, end }: RidingScript) =>
  [...begin, ...probes, ...end].map(({ text }) => text).join('\n');

describe('a bpftrace script in the session', () => {
  it('counts only while a run is on, whatever its own predicate says', () => {
    expect(textOf(ridden('kprobe:f { @ = count(); }'))).toBe(
      'kprobe:f /@window/ { @s0_ = count(); }',
    );
    expect(textOf(ridden('kprobe:f,kprobe:g/pid == 1 || @a/{ @b = 1; }', 3))).toBe(
      'kprobe:f,kprobe:g/@window && (pid == 1 || @s3_a)/{ @s3_b = 1; }',
    );
  });

  it('distinguishes a path with slashes from a predicate', () => {
    expect(textOf(ridden('uprobe:/bin/bash:readline /pid / 2 == 1/ { @n = count(); }'))).toBe(
      'uprobe:/bin/bash:readline /@window && (pid / 2 == 1)/ { @s0_n = count(); }',
    );
    expect(textOf(ridden('uretprobe:/bin/bash:readline { @n = count(); }'))).toBe(
      'uretprobe:/bin/bash:readline /@window/ { @s0_n = count(); }',
    );
  });

  it('runs its BEGIN at the start of a run and its END at the end, with their line numbers', () => {
    const { begin, probes, end } = ridden(
      '#!/usr/bin/bpftrace\n// why\nBEGIN\n{\n\t@a = 1;\n}\n\nkprobe:f { @b = @a; }\nEND /@a/ { clear(@a); }\n',
    );
    expect(begin).toEqual([
      {
        line: 2,
        text: '// why\ntracepoint:sched:sched_process_exec /@opening[tid]/\n{\n\t@s0_a = 1;\n}',
      },
    ]);
    expect(probes).toEqual([{ line: 8, text: 'kprobe:f /@window/ { @s0_b = @s0_a; }' }]);
    expect(end).toEqual([
      {
        line: 9,
        text: 'tracepoint:syscalls:sys_enter_getpriority /@closing[tid] && (@s0_a)/ { clear(@s0_a); }',
      },
    ]);
  });

  it('marks and counts each text, and names the probe that printed it', () => {
    const script = ridden(
      'BEGIN { printf("hi\\n"); }\nkprobe:f { if (1) { printf("%d", 1); } }',
      2,
    );
    expect(textOf(script)).toContain('{ @texts[2] = count(); printf("script 2 0 hi\\n"); }');
    expect(textOf(script)).toContain('{ @texts[2] = count(); printf("script 2 1 %d", 1); }');
    expect(script.clauses).toEqual(['BEGIN', 'kprobe:f']);
    expect([script.prints, script.printsUncounted, script.printsUnmarked]).toEqual([
      ...[true, false, false],
    ]);
  });

  it('prints its results at an exit, unless one of its probes can fire during the exit', () => {
    const calls =
      'tracepoint:syscalls:sys_enter_read, tracepoint:raw_syscalls:sys_exit { @ = count(); }';
    expect(ridden(calls).endsWithExit).toBe(true);
    expect(ridden(`${calls} kprobe:f { @ = count(); }`).endsWithExit).toBe(false);
  });

  it('may read an entry and delete it', () => {
    const text = 'kprobe:f { @t[tid] = nsecs; } kretprobe:f /@t[tid]/ { delete(@t[tid]); }';
    expect(ridden(text).aggregations).toEqual(['t']);
  });
});

describe('a bpftrace script that cannot ride is refused with the line and the reason', () => {
  it.each([
    ['kprobe:f { @ = count();\n exit(); }', 2, 'exit() would end the session'],
    ['kprobe:f {}\nkprobe:g { system("ls"); }', 2, 'system() starts a command'],
    ['\n#include <linux/fs.h>\nkprobe:f {}', 2, '#include would hold for the whole session'],
    ['config = { max_map_keys = 5 }\nkprobe:f {}', 1, 'it is no probe, but a definition'],
    ['struct a { int b; };\nkprobe:f {}', 1, 'struct would hold for the whole session'],
    ['kprobe:f {}\n\ninterval:s:1 { print(@a); }', 3, 'print() at intervals of its own'],
    ['kprobe:f { @ = elapsed; }', 1, 'elapsed would count from the start of the session'],
    ['kprobe:f { delete(@a[1]); }', 1, 'delete() of a key that it does not look for first'],
    ['iter:task { printf("x"); }', 1, 'iter:task must have a program of its own'],
    ['kprobe:f { printf("{{launcher}}"); }', 1, '{{launcher}} has a meaning there'],
    ['BEGIN, kprobe:f { @a = 1; }', 1, 'BEGIN and END must stand alone'],
    ['kprobe:f { @a = 1;', 1, 'a probe is not complete'],
  ])('%j', (text, line, reason) => {
    expect(ride(text)).toEqual({ line, reason });
  });
});

const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
const comment = fc.oneof(
  fc.stringMatching(/^[^*/\n]{0,12}$/).map((text) => `/*${text}*/`),
  fc.stringMatching(/^[^\n{}]{0,12}$/).map((text) => `//${text}\n`),
);
const quoted = fc.stringMatching(/^[^"\\\n%{}]{0,12}$/).map((text) => `"${text}"`);
/** A statement of any map, text or comment, with what belongs to the user untouched in it. */
const statement = fc.oneof(
  name.map((map) => ({ text: `@${map} = count();`, kept: [] as string[] })),
  fc.tuple(name, quoted).map(([map, key]) => ({ text: `@${map}[${key}] = 1;`, kept: [key] })),
  quoted.map((text) => ({ text: `printf(${text});`, kept: [] as string[] })),
  comment.map((text) => ({ text, kept: [text.trimEnd()] })),
);

describe('the names inside a bpftrace script', () => {
  it('become unique in the program, while texts and comments stay the same', () => {
    const body = fc.array(statement, { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), fc.nat(12), (bodies, number) => {
        const source = bodies
          .map((parts) => `kprobe:f\n{\n${parts.map(({ text }) => text).join('\n')}\n}\n`)
          .join('');
        const text = textOf(ridden(source, number));
        let rest = text;
        for (const kept of bodies.flat().flatMap((part) => part.kept)) {
          const at = rest.indexOf(kept);
          expect(at).not.toBe(-1);
          rest = rest.slice(at + kept.length);
        }
        // Outside of texts and comments.
        const bare = text.replaceAll(/"[^"\n]*"|\/\*[^*]*\*\/|\/\/[^\n]*/g, '');
        for (const [map] of bare.matchAll(/@\w*/g)) {
          expect(map).toMatch(new RegExp(`^@(?:window|texts|s${number}_\\w*)$`));
        }
        expect(text.split('\n').length).toBe(
          ridden(source, number).probes.reduce(
            (sum, piece) => sum + piece.text.split('\n').length,
            0,
          ),
        );
      }),
    );
  });

  it('are never shared by two scripts', () => {
    fc.assert(
      fc.property(name, name, fc.nat(200), fc.nat(200), (one, other, a, b) => {
        fc.pre(a !== b);
        const maps = (map: string, number: number) =>
          textOf(ridden(`kprobe:f { @${map} = 1; }`, number)).match(/@s\w+/)?.[0];
        expect(maps(one, a)).not.toBe(maps(other, b));
      }),
    );
  });

  it('are adapted in any text, or the text is refused without an exception', () => {
    const piece = fc.constantFrom(
      ...[
        '@a',
        '{',
        '}',
        '/',
        '"',
        '\\',
        ';',
        '\n',
        'kprobe:f',
        'BEGIN',
        'printf(',
        ')',
        '#',
        '//',
      ],
      ...['/*', '*/', '=', 'delete(', 'x', ' ', ','],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const found = ride(text);
          if ('reason' in found) expect(found.line).toBeLessThanOrEqual(text.split('\n').length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

const TOOLS = '/usr/sbin';
const tools = existsSync(TOOLS) ? readdirSync(TOOLS).filter((file) => file.endsWith('.bt')) : [];

it.skipIf(tools.length === 0)('the tools of bpftrace can ride or are refused with a line', () => {
  for (const tool of tools) {
    const found = ride(readFileSync(`${TOOLS}/${tool}`, 'utf8'));
    if ('reason' in found) expect(found.line).toBeGreaterThan(0);
    else expect(found.clauses.length).toBeGreaterThan(0);
  }
});
