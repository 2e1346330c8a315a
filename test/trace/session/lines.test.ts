import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/trace/session/lines.ts';

function split(chunks: readonly string[], limit = 1000): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), limit);
  for (const chunk of chunks) splitter.push(chunk);
  return lines;
}

describe('LineSplitter', () => {
  it('gives the same lines however the text is cut into chunks', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '\r', 'é', '{') });
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(fc.nat(200)),
        fc.integer({ min: 1, max: 12 }),
        (lines, places, limit) => {
          const text = lines.map((each) => `${each}\n`).join('');
          const cuts = [0, ...places.map((place) => place % (text.length + 1)), text.length];
          const chunks = cuts
            .sort((a, b) => a - b)
            .map((cut, index, all) => text.slice(cut, all[index + 1] ?? cut));
          expect(split(chunks, limit)).toEqual(lines.map((each) => each.slice(0, limit)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps back a line that has not ended yet', () => {
    expect(split(['ready\nsta'])).toEqual(['ready']);
    expect(split(['ready\nsta', 'rt 7\n'])).toEqual(['ready', 'start 7']);
  });

  it('holds no more of an endless line than its limit', () => {
    const lines = split([...Array(1000).fill('x'.repeat(100)), '\nend 7\n'], 50);
    expect(lines).toEqual(['x'.repeat(50), 'end 7']);
  });
});
