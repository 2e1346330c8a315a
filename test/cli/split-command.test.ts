import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../src/cli/words/split-command.ts';
import { UserError } from '../../src/errors.ts';
import { shellWord } from '../../src/experiment/shell-word.ts';

const split = (text: string) => splitCommand('--setup', text);

describe('the text of a command line', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    [`load 'my module' "and \\"another\\""`, ['load', 'my module', 'and "another"']],
    [`a'b'"c"d ''`, ['abcd', '']],
    ['a\\ b \\\\', ['a b', '\\']],
    [`sh -c 'echo 3 > "$FILE" | cat'`, ['sh', '-c', 'echo 3 > "$FILE" | cat']],
    ['sysctl -w kern.ipc.maxpipekva=1', ['sysctl', '-w', 'kern.ipc.maxpipekva=1']],
  ])('is divided at blanks outside of quotes: %s', (text, words) => {
    expect(split(text)).toEqual(words);
  });

  it.each(['|', '>', '<', '&', ';', '$', '`', '*', '?', '(', '\n'])(
    'is refused for an unquoted %s, which would need a shell',
    (character) => {
      expect(() => split(`a ${character} b`)).toThrow('but no shell is started');
    },
  );

  it.each([
    ["a 'b", 'has no end'],
    ['a "b\\"', 'has no end'],
    ['a \\', 'nothing follows'],
    ['  ', 'expected a program'],
    ["''", 'expected a program'],
  ])('is refused where it is incomplete: %s', (text, why) => {
    expect(() => split(text)).toThrow(why);
  });

  it('yields the same words that were quoted for a shell', () => {
    const word = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        expect(split(words.map(shellWord).join(' '))).toEqual(words);
      }),
    );
  });

  it('is divided or refused, whatever it contains', () => {
    const noise = fc.string({ unit: fc.constantFrom(...`ab '"\\$|\t`) });
    fc.assert(
      fc.property(noise, (text) => {
        try {
          for (const word of split(text)) expect(typeof word).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
