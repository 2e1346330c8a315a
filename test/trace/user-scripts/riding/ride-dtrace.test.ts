import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RidingScript } from '../../../../src/trace/user-scripts/riding/piece.ts';
import { rideDtrace } from '../../../../src/trace/user-scripts/riding/ride-dtrace.ts';
import { fixture } from '../fixture.ts';

function ride(text: string, number = 0) {
  const script = { path: '/spec/a.d', name: 'a.d', text, tracer: 'dtrace' as const };
  return rideDtrace({ ...script, json: false, flags: [] }, number, 'ticks');
}

function ridden(text: string, number = 0): RidingScript {
  const found = ride(text, number);
  if ('reason' in found) throw new Error(`line ${found.line}: ${found.reason}`);
  return found;
}

const textOf = ({ begin, probes, end }: RidingScript) =>
  [...begin, ...probes, ...end].map(({ text }) => text).join('\n');

describe('a D script in the session', () => {
  it('may be that of the notebook, as it was pasted', () => {
    const { begin, probes, end, aggregations } = ridden(fixture('freebsd-notebook.d'));
    expect([begin, end, aggregations]).toEqual([[], [], ['syscalls']]);
    expect(probes).toEqual([
      {
        line: 1,
        text: `fbt::pipe_read:entry
/scripts_window && (execname == "ipc-benchmark")/
{ @scripts_texts = count(); printf("\\nscript 0 pipe_read:entry\\n");
	printf("%u", ((struct pipe *)args[0]->f_data)->pipe_state);
printf("\\nendscript\\n"); }`,
      },
      {
        line: 7,
        text: `syscall:::entry
/scripts_window && (execname == "ipc-benchmark")/
{
	@s0_syscalls[probefunc] = count();
}`,
      },
    ]);
  });

  it('has variables of its own, while its members, tags and texts stay the same', () => {
    const script = ridden(
      `int state;
self int depth, more;
inline int LIMIT = 3;
fbt::f:entry /state < LIMIT && self->depth/
{
	self->depth = 0; this->x = args[0]->state; state = 1;
	@["state"] = sum(((struct state *)arg0)->state + this->x);
}`,
      2,
    );
    expect(script.begin.map(({ text }) => text)).toEqual([
      'int s2_state;',
      'self int s2_depth, s2_more;',
      'inline int s2_LIMIT = 3;',
      'proc:::exec-success\n/self->scripts_opening/\n{\n\ts2_state = 0;\n}',
    ]);
    expect(script.probes.map(({ text }) => text)).toEqual([
      `fbt::f:entry /scripts_window && (s2_state < s2_LIMIT && self->s2_depth)/
{
	self->s2_depth = 0; this->s2_x = args[0]->state; s2_state = 1;
	@s2_["state"] = sum(((struct state *)arg0)->state + this->s2_x);
}`,
    ]);
  });

  it('keeps 64 bits for an integer that it does not declare', () => {
    const script = ridden('f:::entry { t = timestamp; n += arg2; } f:::return { @ = sum(t); }');
    expect(script.begin.map(({ text }) => text)).toEqual([
      'proc:::exec-success\n/self->scripts_opening/\n{\n\ts0_t = (int64_t)0;\n\ts0_n = (int64_t)0;\n}',
    ]);
  });

  it('begins each run with its BEGIN and ends it with its END, where the session prints', () => {
    const { begin, end } = ridden(
      '#pragma D option quiet\nBEGIN { limit = args[0]; }\n\nEND\n/limit > 1/\n{\n\tprinta("%d\\n",\n\t    @a); trunc(@a, 5);\n}\nf:::entry { @a[pid] = count(); }',
    );
    expect(begin).toEqual([
      {
        line: 1,
        text: '\nproc:::exec-success /self->scripts_opening/ { s0_limit = args[0]; }',
      },
    ]);
    expect(end).toEqual([
      {
        line: 4,
        text: 'profile:::tick-50hz\n/scripts_closing && (s0_limit > 1)/\n{\n\t\n trunc(@s0_a, 5);\n}',
      },
    ]);
  });

  it('says which probe printed, and keeps the values of two traces apart', () => {
    expect(textOf(ridden('f::g*:entry { trace(1); trace(arg0) }'))).toBe(
      'f::g*:entry /scripts_window/ { @scripts_texts = count(); printf("\\nscript 0 %s:%s\\n", probefunc, probename); printf(" "); trace(1); printf(" "); trace(arg0) ; printf("\\nendscript\\n"); }',
    );
    expect(ridden('f::g:entry { @[stack()] = count(); }').prints).toBe(false);
    expect(ridden('END { printf("x"); }').end[0]?.text).toBe(
      'profile:::tick-50hz /scripts_closing/ { printf("\\nscript 0 :END\\n"); printf("x"); printf("\\nendscript\\n"); }',
    );
    expect(textOf(ridden('BEGIN { stack(); }'))).toContain(
      'printf("\\nscript 0 :BEGIN\\n"); stack();',
    );
  });
});

describe('a D script that cannot ride is refused with the line and the reason', () => {
  it.each([
    ['f:::entry { exit(0); }', 1, 'exit() would end the session'],
    ['\nf:::entry { system("ls"); }', 2, 'system() does more than look'],
    [
      '#pragma D option strsize=9\nf:::entry {}',
      1,
      '#pragma D option strsize=9 would hold for the whole session',
    ],
    ['f:::entry /pid == $target/ {}', 1, '$target is not set there'],
    ['tick-1s { printf("x"); }', 1, 'printf() at intervals of its own'],
    ['f:::entry\n{ printa(@a); }', 2, 'printa() during a run, and not in END'],
    [
      'f:::entry { n++; }\nEND\n{ @total[pid] = sum(n); }',
      3,
      '@total in END: it would be printed with the next run',
    ],
    ['struct a { int b; };\nf:::entry {}', 1, 'struct is a definition, and no clause'],
    ['f:::entry { ts[pid] = 1; }', 1, 'the array ts would keep its values between runs'],
    [
      'f:::entry { p = curthread; }',
      1,
      'the variable p would keep its value between runs: declare it (int p;), or set it in BEGIN',
    ],
    ['f:::entry { if (1) { printf("x"); } }', 1, 'if in a clause that prints'],
    ['f:::entry { self->s = speculation(); }', 1, 'speculation() keeps its texts back'],
    ['ERROR { printf("x"); }', 1, 'ERROR would hold for the whole session'],
    ['f:::entry { @a = count();', 1, 'a clause is not complete'],
  ])('%j', (text, line, reason) => {
    expect(ride(text)).toEqual({ line, reason });
  });
});

const name = fc
  .stringMatching(/^[a-z_]\w{0,6}$/)
  .filter((word) => !/^(?:self|this|int|if|else|inline|string|f|sum|trace|pid)$/.test(word));

describe('the names that a D script defines', () => {
  it('become unique in the program', () => {
    const statement = fc.oneof(
      name.map((of) => `@${of}[pid] = sum(1);`),
      name.map((of) => `self->${of} = 1;`),
      name.map((of) => `this->${of} = self->${of};`),
      name.map((of) => `${of} = 1;`),
      name.map((of) => `${of}++;`),
      name.map((of) => `/* @${of} self->${of} ${of} = 1 */`),
    );
    const body = fc.array(statement, { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 4 }), fc.nat(9), (bodies, number) => {
        const source = bodies.map((parts) => `f:::entry\n{\n${parts.join('\n')}\n}\n`).join('');
        const { probes } = ridden(source, number);
        const text = probes.map((piece) => piece.text).join('\n');
        const comments = (of: string) => of.match(/\/\*.*?\*\//g) ?? [];
        expect(comments(text)).toEqual(comments(source));
        const own = text
          .replaceAll(/\/\*.*?\*\//g, '')
          // The session's own marks, of a clause without a body.
          .replaceAll(/@scripts_texts = count\(\);|printf\([^)]*\);/g, '');
        for (const [word] of own.matchAll(/@\w*|(?:self|this)->\w+|^\w+(?= =|\+\+)/gm)) {
          expect(word).toMatch(new RegExp(`^(?:@|self->|this->)?s${number}_`));
        }
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
        'f:::entry',
        'BEGIN',
        'printf(',
        ')',
        '#',
        '//',
      ],
      ...['/*', '*/', '=', 'int x', 'x', ' ', ',', 'self->', '++', '[', ']', 'printa', 'END'],
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
      { numRuns: 2000 },
    );
  });
});
