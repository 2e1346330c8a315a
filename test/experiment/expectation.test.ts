import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { parseExpectation } from '../../src/experiment/expectation.ts';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';

const assertionOf = (text: string) => {
  const parsed = parseExpectation(text);
  return parsed.state === 'ok' ? parsed.expectation.assertion : parsed.expected;
};

const RATE = 'a bandwidth with its unit, such as 500MiB/s or 500000B/s';
const CALL = 'the name of a system call, such as syscalls.read or syscalls.sender.write';

describe('an expectation', () => {
  it.each([
    [
      'bandwidth.cv < 10%',
      { quantity: { kind: 'bandwidth', field: 'cv' }, operator: '<', value: 0.1 },
    ],
    [
      'bandwidth.cv<0.1',
      { quantity: { kind: 'bandwidth', field: 'cv' }, operator: '<', value: 0.1 },
    ],
    ['bandwidth.median >= 500MiB/s', { operator: '>=', value: 500 * 1024 ** 2 }],
    ['bandwidth.median > 1.5 GiB/s', { operator: '>', value: 1.5 * 1024 ** 3 }],
    ['bandwidth.min >= 500MB/s', { value: 500e6 }],
    ['bandwidth.min != 4096 B/s', { value: 4096 }],
    ['bandwidth.median > 1e', `${RATE} after >`],
    ['bandwidth.median >= 500', `${RATE} after >=`],
    ['bandwidth.ci_low >= 500/s', `${RATE} after >=`],
    ['bandwidth.max >= 500MiB', `${RATE} after >=`],
    ['bandwidth.n == 11', { operator: '==', value: 11 }],
    ['bandwidth.n == 11%', 'a whole number of runs after =='],
    ['runs.failed == 0.5', 'a whole number of runs after =='],
    ['bandwidth.cv < 10', 'a share of the median, such as 10% or 0.1, and at most 100% after <'],
    ['probe_effect >= 50', 'a ratio such as 50% or 0.5, and at most 200% after >='],
    ['probe_effect >= 50%', { operator: '>=', value: 0.5 }],
    ['pipe_states.read.EMPTY >= 30', 'a share from 0 to 100%, such as 30% or 0.3 after >='],
    ['pipe_states.read.EMPTY >= 30%', { operator: '>=', value: 0.3 }],
    ['pipe_states.read.EMPTY <= 100%', expect.stringContaining('every value fulfils this one')],
    ['pipe_states.read.EMPTY > 1', expect.stringContaining('no value fulfils this one')],
    ['runs.failed >= 0', expect.stringContaining('every value fulfils this one')],
    ['syscalls.read < 0', expect.stringContaining('no value fulfils this one')],
    ['bandwidth.mode < 1', expect.stringContaining('one of bandwidth.median, bandwidth.q1')],
    ['probe_effect > 50 %', { quantity: { kind: 'probe-effect' }, value: 0.5 }],
    ['probe_effect.x > 50%', 'probe_effect without a field'],
    ['runs.failed != 0', { quantity: { kind: 'runs', field: 'failed' }, operator: '!=', value: 0 }],
    ['syscalls.read <= 40', { quantity: { kind: 'syscalls', name: 'read' }, value: 40 }],
    ['syscalls.sender.write == 256', { quantity: { name: 'write', role: 'sender' }, value: 256 }],
    ['syscalls.sigfastblock <= 1', { quantity: { name: 'sigfastblock', role: undefined } }],
    ['syscalls.462 == 0', { quantity: { name: '462' } }],
    ['syscalls. <= 40', CALL],
    ['syscalls.sender. <= 40', CALL],
    ['syscalls.a.b.read <= 40', CALL],
    ['syscalls.reed == 256', 'read instead of reed, which is no system call of Linux or FreeBSD'],
    ['syscalls.raed <= 300', 'read instead of raed, which is no system call of Linux or FreeBSD'],
    ['syscalls.sender.wirte == 1', expect.stringMatching(/^write instead of wirte/)],
    ['syscalls.qqqqqqqq == 1', 'a system call of Linux or FreeBSD instead of qqqqqqqq'],
    ['syscalls.writer.write == 1', 'one of receiver, sender, both instead of writer'],
    ['syscalls.sender == 1', 'a system call of the sender, such as syscalls.sender.read'],
    ['pipe_states.read.EMPTY >= 0.25', { quantity: { operation: 'read', state: 'EMPTY' } }],
    ['pipe_states.read has DIRECTW', { kind: 'state', state: 'DIRECTW', present: true }],
    [
      'pipe_states.write-peer has no PIPE_EOF',
      { operation: 'write-peer', state: 'EOF', present: false },
    ],
    ['pipe_states.close has EOF', 'pipe_states of read, write, write-peer'],
    [
      'pipe_states.read has EMTPY',
      'EMPTY instead of EMTPY, which is no pipe state of Linux or FreeBSD',
    ],
    [
      'pipe_states.read has no PIPE_DIRECTWW',
      expect.stringMatching(/^DIRECTW instead of DIRECTWW,/),
    ],
    ['pipe_states.read has empty', expect.stringMatching(/^EMPTY instead of empty,/)],
    ['pipe_states.read.FUL >= 10%', expect.stringMatching(/^FULL instead of FUL,/)],
    [
      'pipe_states.write has XYZZY',
      expect.stringMatching(/^a pipe state instead of XYZZY: one of EMPTY, .*, DIRECTOK$/),
    ],
    ['latency < 1', 'one of bandwidth, probe_effect, pipe_states, runs, syscalls'],
    ['', expect.stringContaining('an expectation such as')],
    ['bandwidth.cv', expect.stringContaining('an expectation such as')],
    ['bandwidth.cv < 10% when', expect.stringMatching(/^a share of the median/)],
    ['bandwidth.cv < 10% when buffer > 1', expect.stringContaining('a condition over')],
  ])('%j is read, or refused with what would fit', (text, expected) => {
    if (typeof expected === 'object' && !('asymmetricMatch' in expected)) {
      expect(assertionOf(text)).toMatchObject(expected);
    } else expect(assertionOf(text)).toEqual(expected);
  });

  it('applies to the cells that its condition picks, or to every cell', () => {
    const concerned = (text: string, bufferBytes: number) => {
      const parsed = parseExpectation(text);
      const cell = { ipc: 'pipe', mode: '2proc', totalBytes: 65536, socketBuffers: false } as const;
      return parsed.state === 'ok' && parsed.expectation.concerns({ ...cell, bufferBytes });
    };
    const text = 'pipe_states.read has DIRECTW when buffer_size >= 8192 && ipc == "pipe"';
    expect([4096, 8192].map((size) => concerned(text, size))).toEqual([false, true]);
    expect(concerned('runs.failed == 0', 1)).toBe(true);
  });

  it('of any text is read or refused with words, never with an exception', () => {
    const words = fc.constantFrom(
      ...'bandwidth .cv .median probe_effect syscalls .read pipe_states .write has no EMPTY < >= == 10% 1MiB/s 0.5 when buffer_size 8192 && ( when'.split(
        ' ',
      ),
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 8 }).map((list) => list.join(' ')),
      fc.array(words, { maxLength: 8 }).map((list) => list.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseExpectation(text);
        if (parsed.state === 'broken') expect(parsed.expected).not.toBe('');
        else if (parsed.expectation.assertion.kind === 'compare') {
          expect(Number.isFinite(parsed.expectation.assertion.value)).toBe(true);
        }
      }),
    );
  });
});

describe('expectations of a spec', () => {
  const complaint = (line: string) => {
    const text = `name: q\nmatrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\nexpect:\n  - ${line}\n`;
    try {
      return parseExperiment('f.yaml', text, { allowLarge: false }).expectations.length;
    } catch (error) {
      return (error as UserError).message;
    }
  };

  it('that apply to no cell are refused, because they would always be fulfilled', () => {
    expect(complaint('runs.failed == 0 when buffer_size > 512')).toBe(1);
    expect(complaint('runs.failed == 0 when buffer_size > 4096')).toMatch(
      /^f\.yaml:4:5: expect\[0\]: no cell of the matrix fulfils the condition after when/,
    );
    expect(complaint('runs.failed == 0 when 1 / (buffer_size - 512) > 0')).toMatch(
      /^f\.yaml:4:5: expect\[0\]: the condition fails for/,
    );
  });

  it('are refused when they name a role that a cell does not have', () => {
    const roles = (line: string, mode: string) => {
      const text = `name: q\nmatrix: { buffer_size: 512, total_size: 4KiB, mode: ${mode} }\nexpect:\n  - ${line}\n`;
      try {
        return parseExperiment('f.yaml', text, { allowLarge: false }).expectations.length;
      } catch (error) {
        return (error as UserError).message;
      }
    };
    const [sender, both] = ['syscalls.sender.write == 8', 'syscalls.both.write == 8'];
    expect([roles(sender, '2proc'), roles(both, '2thread')]).toEqual([1, 1]);
    expect(roles(sender, '2thread')).toMatch(
      /^f\.yaml:4:5: expect\[0\]: a cell of 2thread has one/,
    );
    expect(roles(sender, '[2proc, 2thread]')).toContain('a cell of 2thread has one process');
    expect(roles(both, '2proc')).toContain('a cell of 2proc has a receiver and a sender');
    expect(roles(`'${sender} when mode == "2proc"'`, '[2proc, 2thread]')).toBe(1);
  });

  it('with pipe states that no kernel has are refused all at once', () => {
    const wrong = complaint('pipe_states.read.FUL >= 10%\n  - pipe_states.read has EMTPY');
    expect(wrong).toMatch(/^f\.yaml:4:5: expect\[0\]: expected FULL instead of FUL,/);
    expect(wrong).toMatch(/^f\.yaml:5:26: expect\[1\]: expected EMPTY instead of EMTPY,/m);
  });

  it('that cannot be read are refused with their place', () => {
    expect(complaint('bandwidth.cv = 10%')).toMatch(
      /^f\.yaml:4:18: expect\[0\]: expected == instead of =, got bandwidth\.cv = 10%\n.*\n {19}\^$/,
    );
    expect(complaint('pipe_states.read has EMTPY')).toMatch(
      /^f\.yaml:4:26: expect\[0\]: expected EMPTY instead of EMTPY.*\n.*\n {27}\^{5}$/,
    );
    expect(complaint('bandwith.cv < 10%')).toContain('expected bandwidth instead of bandwith');
    expect(complaint('runs.failed == 0 when buffer_size > 512 and true')).toMatch(
      /^f\.yaml:4:45: /,
    );
    expect(complaint('runs.failed == 0 when buffer_size >= 1KiB')).toBe(1);
    expect(complaint('bandwidth.mean < 3')).toMatch(
      /^f\.yaml:4:5: expect\[0\]: expected one of bandwidth\.median, .*, got bandwidth\.mean < 3/,
    );
  });
});
