import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Option } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { argumentsOf, nameOf } from '../../src/cli/manual/synopsis.ts';
import { runCommandLine } from '../../src/cli/parser.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { UserError } from '../../src/errors.ts';

/** Returns the arguments that the command would get. */
async function given(words: readonly string[]): Promise<Record<string, unknown>> {
  let taken: Record<string, unknown> | undefined;
  const stubs = COMMANDS.map((it) => ({
    ...it,
    load: async () => (args: never) => {
      taken = args;
      return 0 as const;
    },
  })) as readonly Command[];
  const said: string[] = [];
  const terminal = { ...processTerminal(), out: (line: string) => said.push(line) };
  await runCommandLine(words, terminal, stubs);
  if (!taken) throw new Error(`nothing was carried out; said: ${said.join('\n').slice(0, 200)}`);
  return taken;
}

/** Returns the message and the hint that the user reads. */
async function refusal(words: readonly string[]): Promise<string> {
  const thrown = await given(words).then(
    (args) => new Error(`taken as ${JSON.stringify(args)}`),
    (error: unknown) => error as Error,
  );
  if (!(thrown instanceof UserError)) throw thrown;
  expect(thrown.exitCode).toBe(2);
  // Sentences of yargs, none of which is ours.
  expect(thrown.message).not.toMatch(
    /non-option|(Unknown|required) argument|Invalid|Choices|mutually|Did you mean/,
  );
  return [thrown.message, ...(thrown.hint === undefined ? [] : [thrown.hint])].join('\n');
}

/** A command with the fewest words that it takes. */
function least(command: Command): readonly string[] {
  const names = argumentsOf(command).filter(({ name }) => command.positionals[name]?.demandOption);
  return [nameOf(command), ...names.map((_, at) => `word${at}`)];
}

const EVERY_OPTION = COMMANDS.flatMap((command) =>
  Object.entries(command.options).map(
    ([name, option]) => [`${nameOf(command)} --${name}`, command, name, option as Option] as const,
  ),
);
const WITH_VALUE = EVERY_OPTION.filter(([, , , { type }]) => type !== 'boolean');
const SWITCHES = EVERY_OPTION.filter(([, , , { type }]) => type === 'boolean');
const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const valid = ({ choices, type }: Option) =>
  choices ? String(choices.at(-1)) : type === 'number' ? '7' : 'some value';

describe('an option that takes a value', () => {
  it.each(WITH_VALUE)('takes the next word, or what follows an equals sign: %s', async (...of) => {
    const [, command, name, option] = of;
    const value = valid(option);
    const typed = option.type === 'number' || typeof option.choices?.[0] === 'number';
    const read = typed ? Number(value) : value;
    const expected = option.array ? [read] : read;
    for (const words of [[`--${name}`, value], [`--${name}=${value}`]]) {
      expect((await given([...least(command), ...words]))[camel(name)]).toEqual(expected);
      expect((await given([...words, ...least(command)]))[camel(name)]).toEqual(expected);
    }
  });

  it.each(WITH_VALUE)('says that its value is missing: %s', async (...of) => {
    const [, command, name] = of;
    expect(await refusal([...least(command), `--${name}`])).toMatch(`--${name}: `);
    expect(await refusal([...least(command), `--${name}`])).toMatch('is missing');
    for (const next of ['--json', '-dash', '-5', '--', '-h-']) {
      const said = await refusal([...least(command), `--${name}`, next]);
      if (next !== '--') expect(said).toContain(`is missing before ${next}\n`);
      if (next !== '--') expect(said).toContain(`needs an equals sign: --${name}=${next}`);
    }
  });

  it.each(WITH_VALUE)('refuses an empty value, and one of the wrong kind: %s', async (...of) => {
    const [, command, name, option] = of;
    const wrong = [
      '',
      ...(option.choices || option.type === 'number' ? ['wrong', '0x1', '1e'] : []),
    ];
    if (option.value === 'FILE' || option.value === 'FOLDER') wrong.push('-');
    for (const value of wrong) {
      const said = await refusal([...least(command), `--${name}=${value}`]);
      expect(said).toMatch(`--${name}: expected `);
      expect(said).toContain(`got ${JSON.stringify(value)}`);
    }
  });

  it.each(WITH_VALUE)(
    'uses its last value, or all values where it may have several: %s',
    async (...of) => {
      const [, command, name, option] = of;
      if (option.choices || option.type === 'number') return;
      const words = [`--${name}`, 'a', `--${name}=b`];
      expect((await given([...least(command), ...words]))[camel(name)]).toEqual(
        option.array ? ['a', 'b'] : 'b',
      );
    },
  );

  it.each(WITH_VALUE)('takes any text unchanged: %s', async (...of) => {
    const [, command, name, option] = of;
    if (option.choices || option.type === 'number') return;
    for (const value of [
      '-dash',
      '--',
      '--json',
      '"quoted"',
      "'q'",
      'a=b',
      ' ',
      '1e3',
      'true',
      'ü',
    ]) {
      expect((await given([...least(command), `--${name}=${value}`]))[camel(name)]).toEqual(
        option.array ? [value] : value,
      );
    }
  });
});

describe('a switch', () => {
  it.each(SWITCHES)('is on by its name, and off with no- before it: %s', async (...of) => {
    const [, command, name] = of;
    const words = least(command);
    for (const [word, expected] of [
      [`--${name}`, true],
      [`--${name}=true`, true],
      [`--${name}=false`, false],
      [`--no-${name}`, false],
    ] as const) {
      expect((await given([...words, word]))[camel(name)]).toBe(expected);
    }
    expect(await refusal([...words, `--${name}=maybe`])).toMatch(
      `--${name}: expected true or false, got "maybe"`,
    );
    expect(await refusal([...words, `--no-${name}=true`])).toContain(`unknown option --no-${name}`);
  });

  it('never takes the next word as its value', async () => {
    expect(await given(['status', '--json', 'true'])).toMatchObject({ json: true, sweep: 'true' });
    expect(await given(['validate', '--allow-large', 'a', 'false'])).toMatchObject({
      specs: ['a', 'false'],
    });
  });
});

describe('a command', () => {
  it.each(COMMANDS.map((it) => [nameOf(it), it] as const))(
    'refuses words and options that it does not know, and names them: %s',
    async (name, command) => {
      const words = least(command);
      for (const word of ['--xyzzy', '--xyzzy=3', '-x', '-xyz']) {
        expect(await refusal([...words, word])).toContain(
          `unknown option ${word.replace('=3', '')}`,
        );
      }
      const takesAll = Object.values(command.positionals).some(({ array }) => array);
      if (!takesAll) {
        const most = [name, ...argumentsOf(command).map((_, at) => `word${at}`)];
        expect(await refusal([...most, 'onemore'])).toContain(', but got "onemore"');
      }
      if (argumentsOf(command).length > 0) {
        expect(await refusal([...words.slice(0, -1), name, ''].slice(-2))).toContain('empty word');
        const takes = Object.values(command.positionals)[0]?.standardInput;
        const words2 = [
          name,
          ...argumentsOf(command).map((_, at) => (takes && at > 0 ? 'word' : '-')),
        ];
        if (takes) expect(Object.values(await given(words2)).flat()).toContain('-');
        else expect(await refusal(words2)).toContain(`${name} takes no -`);
      }
      if (words.length > 1) expect(await refusal([name])).not.toBe('');
    },
  );

  it.each(COMMANDS.map((it) => [nameOf(it), it] as const))(
    'takes every word after -- unchanged: %s',
    async (name, command) => {
      const names = argumentsOf(command);
      if (names.length === 0) return;
      const words = ['--json', '-x', '"q"', '007'].slice(0, names.length);
      const args = await given([name, '--', ...words]);
      expect(names.map((it) => args[it.name])).toEqual(
        names.map((it, at) => (command.positionals[it.name]?.array ? [words[at]] : words[at])),
      );
      expect(await given(['--', name, ...words])).toMatchObject({
        [names[0]!.name]: args[names[0]!.name],
      });
    },
  );

  it('names the command to which an unknown option belongs', async () => {
    expect(await refusal(['plan', 'x.yaml', '--only-failed'])).toContain(
      'unknown option --only-failed; it belongs to run',
    );
    expect(await refusal(['plan', 'x.yaml', '--allowLarge'])).toContain(
      'did you mean --allow-large?',
    );
    expect(await refusal(['--xyzzy'])).toContain('unknown option --xyzzy');
  });

  it('is asked for where there is only a spec, or nothing', async () => {
    expect(await refusal([])).toContain('name a command');
    expect(await refusal(['--db', 'x.db'])).toContain('name a command');
    expect(await refusal(['my.yaml'])).toContain('ipc-sweep run my.yaml');
    expect(await refusal(['completion', 'zsh'])).toContain('takes no arguments, got "zsh"');
    expect(await refusal(['doctor', '--db', 'x', '--tune'])).toContain(
      '--db and --tune exclude each other',
    );
  });

  it('receives every word, or refuses the command line', async () => {
    const word = fc.constantFrom(
      ...'run status a.yaml -- - -x --db --db=x --json --json=false --no-json --results -5 =  --= ---x --'.split(
        ' ',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const taken = await given(words).catch((error: unknown) => {
          if (error instanceof UserError) return undefined;
          throw error;
        });
        if (!taken) return;
        const { $0, _, ...args } = taken;
        const texts = Object.values(args).flat();
        for (const it of words.filter((each) => /^[a-z-]?[a-z.]*$/.test(each) && each !== '--')) {
          const known = it.startsWith('--') || texts.includes(it) || (_ as string[]).includes(it);
          expect({ words, it, known }).toMatchObject({ known: true });
        }
      }),
    );
  });
});
