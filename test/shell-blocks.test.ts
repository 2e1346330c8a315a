import { describe, expect, it } from 'vitest';
import { stepsOf } from './real/shell-blocks.ts';

const fence = (language: string, ...lines: string[]) =>
  ['```'.concat(language), ...lines, '```'].join('\n');

const commands = (markdown: string) =>
  stepsOf(markdown).map((step) => (step.kind === 'command' ? step.command : step.name));

describe('stepsOf', () => {
  it('takes every line of a block of shell, and none of others', () => {
    const text = [
      fence('sh', 'npx a', '# said', 'head -n 1 b'),
      fence('yaml', 'npx: c'),
      fence('', 'a table', 'of two lines'),
    ];
    expect(commands(text.join('\n\n'))).toEqual(['npx a', 'head -n 1 b']);
  });

  it('takes the commands of unmarked blocks that hold one command or a transcript', () => {
    const text = [
      fence('', 'npm run x'),
      fence('', '$ npx a', 'said', '$ npx b'),
      fence('', 'pip'),
    ];
    expect(commands(text.join('\n'))).toEqual(['npm run x', 'npx a', 'npx b']);
    expect(stepsOf(text[1]!)[0]).toMatchObject({ output: ['said'] });
  });

  it('applies comments only to the next block', () => {
    const text = `<!-- exit 2 -->\n<!-- leaves a b/* -->\n${fence('sh', 'x', 'y')}\n\n<!-- exit 3 -->\nwords\n${fence('sh', 'z')}`;
    expect(stepsOf(text)).toMatchObject([
      { command: 'x', exitCode: 2, leaves: [] },
      { command: 'y', exitCode: 2, leaves: ['a', 'b/*'] },
      { command: 'z', exitCode: 0, leaves: [] },
    ]);
    expect(
      stepsOf(`<!-- covered by test/x.test.ts; here: npx a -->\n${fence('sh', 'npm run a')}`),
    ).toMatchObject([{ coveredBy: 'test/x.test.ts', instead: 'npx a' }]);
    expect(stepsOf(`<!-- write a.yaml -->\n${fence('yaml', 'name: a')}`)).toEqual([
      { kind: 'file', name: 'a.yaml', text: 'name: a\n' },
    ]);
  });

  it('refuses a document whose last block does not end', () => {
    expect(() => stepsOf('```sh\nnpx a')).toThrow('no end');
  });
});
