import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../src/experiment/cell.ts';
import { compileWhere, WhereError } from '../../src/experiment/where.ts';

const cell: Cell = {
  ipc: 'pipe',
  mode: '2proc',
  bufferBytes: 4096,
  totalBytes: 1_048_576,
  socketBuffers: false,
};

function keeps(condition: string): boolean {
  const compiled = compileWhere(condition);
  if (compiled.state === 'broken') throw new Error(compiled.expected);
  return compiled.keeps(cell);
}

describe('a condition', () => {
  it.each([
    ['buffer_size == 4096', true],
    ['total_size / buffer_size <= 255', false],
    ['total_size % buffer_size == 0 && ipc == "pipe"', true],
    ['ipc in ["tcp", "local"] || mode == "2proc"', true],
    ['!socket_buffers', true],
    ['socket_buffers ? buffer_size > 1 : buffer_size > 8192', false],
    ['double(total_size) / 3.0 > 349525.0', true],
    ['-buffer_size < 0', true],
    ['7 / 2 == 3', true],
    ['buffer_size == 4KiB', true],
    ['buffer_size in [512, 4 KiB]', true],
    ['total_size / 1M == 1 && total_size != 1MB', true],
    ['mode == "4KiB" || mode == \'2proc\'', true],
  ])('%s is %s for the cell', (condition, expected) => {
    expect(keeps(condition)).toBe(expected);
  });

  it.each([
    ['bufer_size > 3', 'Unknown variable: bufer_size; did you mean buffer_size?'],
    ['ipc == pipe', 'Unknown variable: pipe; did you mean "pipe", in quotes?'],
    ['mode == 2proc', '2proc is no size; did you mean "2proc", in quotes?'],
    ['buffer_size = 4096', '= is unknown; did you mean ==?'],
    ['buffer_size => 4096', '=> is unknown; did you mean >=?'],
    ['socket_buffers AND true', 'AND is unknown; did you mean &&?'],
    ['buffer_size < 4kib', '4kib is no size; did you mean 4KiB?'],
    ['buffer_size < 1.5MiB', '1.5MiB is no size: whole bytes'],
    ['buffer_size < 99999999999GiB', '99999999999GiB is no size'],
    ['ipc > 3', 'no such overload: string > int'],
    ['buffer_size + 1', 'it gives int, not true or false'],
    ['buffer_size >', 'it ends too early'],
    ['', 'it ends too early'],
    ['[1, 2].all(x, x > 0)', 'all() is not available here'],
    ['[1].map(x, x) == [1]', 'map() is not available here'],
    ['"aaa!".matches("(a+)+$")', 'matches() is not available here'],
    ['cel.bind(a, 1, a == 1)', 'bind() is not available here'],
    ['dyn(1) == 1', 'dyn() is not available here'],
    ['ipc.constructor == ipc', 'is not available here'],
    ['process.exit(1)', 'exit() is not available here'],
    ['{"a": true}["a"]', 'is not available here'],
    ['true && [[1].all(x, true)] == [true]', 'all() is not available here'],
  ])('%s is refused', (condition, why) => {
    expect(compileWhere(condition)).toMatchObject({
      state: 'broken',
      expected: expect.stringContaining(why),
    });
  });

  it('names the place of an error, wherever sizes stand before it', () => {
    const part = fc.constantFrom(
      'buffer_size > 4KiB && ',
      '1 GiB != 7 && ',
      '"4KiB = 5" != ipc && ',
    );
    const wrong = fc.constantFrom('nosuchname > 1', '= 5', 'ipc > 3', '4kiB == 1');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), wrong, (before, text) => {
        const condition = before.join('') + text;
        const compiled = compileWhere(condition);
        if (compiled.state === 'ok') throw new Error('it compiles');
        const { at = -1, length = 0 } = compiled.place ?? {};
        expect(at).toBe(condition.length - text.length);
        expect(text.startsWith(condition.slice(at, at + length))).toBe(true);
      }),
    );
  });

  it('means the same with sizes in bytes and with units', () => {
    const size = fc.constantFrom(['512B', 512], ['4KiB', 4096], ['4 k', 4096], ['1MB', 1e6]);
    const operator = fc.constantFrom('<', '<=', '==', '!=', '>', '>=');
    fc.assert(
      fc.property(size, size, operator, ([one, bytes], [other, more], how) => {
        expect(keeps(`buffer_size ${how} ${one} || total_size - ${other} ${how} 1MiB`)).toBe(
          keeps(`buffer_size ${how} ${bytes} || total_size - ${more} ${how} 1048576`),
        );
      }),
    );
  });

  it('that is too deep or too long is refused', () => {
    for (const condition of [`${'('.repeat(500)}true`, Array(1100).fill('true').join('&&')]) {
      expect(compileWhere(condition)).toMatchObject({
        state: 'broken',
        expected: expect.stringMatching(/Exceeded max(Depth|AstNodes)/),
      });
    }
  });

  it('that fails for a cell names the cell and the reason', () => {
    expect(() => keeps('1 / (buffer_size - 4096) > 0')).toThrow(
      new WhereError('the condition fails for pipe,2proc,4096,1048576: division by zero'),
    );
    expect(() => keeps('buffer_size * 9223372036854775807 > 0')).toThrow(/integer overflow/);
  });

  it('of any text is either compiled or refused, without another exception', () => {
    const words = fc.constantFrom(
      ...'buffer_size total_size ipc mode socket_buffers && || ! - ( ) [ ] , == < / % 0 1 "a" true in ? : . all'.split(
        ' ',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(words, { maxLength: 12 }).map((all) => all.join(' ')),
        ),
        (condition) => {
          const compiled = compileWhere(condition);
          if (compiled.state === 'broken') return;
          try {
            compiled.keeps(cell);
          } catch (error) {
            expect(error).toBeInstanceOf(WhereError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
