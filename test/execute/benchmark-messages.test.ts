import { describe, expect, it } from 'vitest';
import { rusageDoubts, saidDoubts } from '../../src/execute/benchmark-messages.ts';

const messages = (text: string) => saidDoubts(text).map(({ message }) => message);

describe('what a good run writes to standard error', () => {
  it('adds no note when it is empty', () => {
    expect(saidDoubts('')).toEqual([]);
    expect(saidDoubts(' \n\n')).toEqual([]);
  });

  it('becomes a note for each different line, and the run stays good', () => {
    expect(saidDoubts('b: not bound to CPU 0: Invalid argument\nx\nx\n')).toEqual([
      {
        ...{ code: 'benchmark-stderr', message: 'b: not bound to CPU 0: Invalid argument' },
        suspect: false,
      },
      { code: 'benchmark-stderr', message: 'x', suspect: false },
    ]);
  });

  it('is limited in length, and contains nothing that a terminal would obey', () => {
    const many = messages(Array.from({ length: 1000 }, (_, at) => `line ${at}`).join('\n'));
    expect(many).toHaveLength(6);
    expect(many.at(-1)).toBe('and further lines');
    expect(messages('y'.repeat(5000))[0]).toHaveLength(203);
    expect(messages('\x1b[2Ja\u202eb\x9bc\r\n')).toEqual(['[2Ja b c']);
  });
});

describe('resource use that was asked for', () => {
  const bare = { iteration: 1, elapsedNs: 1, bandwidthBytesPerS: 1 };

  it('is reported as missing where the benchmark does not print it', () => {
    expect(rusageDoubts(true, [bare]).map(({ code }) => code)).toEqual(['rusage-missing']);
    expect(rusageDoubts(true, [{ ...bare, userTimeNs: 0 }])).toEqual([]);
    expect(rusageDoubts(false, [bare])).toEqual([]);
  });
});
