import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/parser.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { UserError } from '../../src/errors.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const COMMANDS = ['run', 'plan', 'validate', 'status', 'export', 'doctor', 'init', 'schema'];

describe('the command line', () => {
  it('lists every command and the exit codes in its help', async () => {
    const { code, stdout, stderr } = await place.run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ipc-sweep ${name}\\b`, 'm'));
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '0 all runs good; 1 some did not succeed, are missing or unexpected; 2 bad usage or spec; 3 this machine cannot do it; 130 interrupted',
    );
  });

  it.each(['run', 'export'])('explains the options of %s', async (name) => {
    const { code, stdout } = await place.run(name, '--help');
    expect(code).toBe(0);
    for (const option of ['--db', '--results', '--preset', '--semicolon']) {
      expect(stdout).toContain(option);
    }
  });

  it('prints the version that package.json has', async () => {
    expect(await place.run('--version')).toMatchObject({ code: 0, stdout: '0.2.0\n', stderr: '' });
  });

  /** The parser alone, without the second that a process takes. */
  async function parse(words: readonly string[]): Promise<unknown> {
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    const plain = { interactive: false, width: 80, style: (_: string, text: string) => text };
    try {
      await runCommandLine(words, { ...processTerminal(), ...plain, out: say, talk: say });
      return undefined;
    } catch (error) {
      expect(said).toEqual([]);
      return error;
    }
  }

  it.each([
    ['no command', [], 'name a command'],
    ['a misspelt command', ['runn', 'x.yaml'], 'did you mean run?'],
    ['another misspelt command', ['statsu'], 'did you mean status?'],
    ['an unknown command', ['frobnicate'], 'frobnicate'],
    ['a misspelt option', ['status', '--jsn'], 'jsn'],
    ['an option of another command', ['plan', 'x.yaml', '--fresh'], 'fresh'],
    ['an option without its value', ['status', '--db'], 'db'],
    ['an unknown preset', ['export', '--preset', 'excel'], 'analysis'],
    ['a missing spec', ['run'], "the experiment's file is missing"],
    [
      'a misspelt option that took the spec',
      ['run', '--only-faild', 'x.yaml'],
      'unknown option --only-faild; did you mean --only-failed?',
    ],
    [
      'an unknown option that took the spec',
      ['plan', '--xyzzy', 'x.yaml'],
      'unknown option --xyzzy',
    ],
    ['a known option behind which the spec is missing', ['run', '--db', 'x.db'], 'file is missing'],
    ['a second spec', ['run', 'a.yaml', 'b.yaml'], 'b.yaml'],
    ['no spec to validate', ['validate'], "the experiment's file is missing"],
    ['a database without a name', ['status', '--db', ''], '--db: expected a FILE, got ""'],
    ['a database that would be forgotten', ['status', '--db', ':memory:'], '--db ":memory:"'],
  ])('exits with 2 and a hint on %s', async (_, words, said) => {
    const thrown = await parse(words);
    expect(thrown).toBeInstanceOf(UserError);
    expect(thrown).toMatchObject({ exitCode: 2, message: expect.stringContaining(said) });
  });

  it('writes such an error and its hint to stderr, without a stack', async () => {
    expect(await place.run('runn', 'x.yaml')).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'ipc-sweep: unknown command "runn"; did you mean run?\nhint: `ipc-sweep --help` lists commands and options\n',
    });
  });

  it('exits with 2 on specs that cannot be read, and says why for each of them', async () => {
    mkdirSync(place.path('folder'));
    const specs: [string, RegExp][] = [
      ['absent.yaml', /absent\.yaml: there is no such file/],
      ['folder', /folder is a directory/],
      [place.write('empty.yaml', ''), /the spec is empty/],
      [
        place.write('latin1.yaml', Buffer.from('name: x\n# caf\xe9\n', 'latin1')),
        /latin1\.yaml:2: .*not valid UTF-8/,
      ],
      [place.write('tabs.yaml', 'name: x\nmatrix:\n\tipc: pipe\n'), /tabs\.yaml:3:/],
      [place.write('twice.yaml', 'name: x\nname: y\n'), /twice\.yaml:2:1: /],
      [
        place.write('typo.yaml', 'name: x\ntrails: 3\n'),
        /typo\.yaml:2:1: .*trails.*did you mean trials\?/,
      ],
      [place.write('binary.yaml', Buffer.from([0, 1, 2, 3, 255])), /binary\.yaml/],
    ];
    const { code, stdout, stderr } = await place.run('validate', ...specs.map(([name]) => name));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const [, said] of specs) expect(stderr).toMatch(said);
    for (const command of ['run', 'plan']) {
      for (const [spec, said] of [specs[0]!, specs[3]!]) {
        const alone = await place.run(command, spec);
        expect(alone).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(said) });
        expect(alone.stderr).not.toContain('bug');
      }
    }
  });

  it('reads a spec from standard input, and looks for its scripts in the working folder', async () => {
    const text = 'name: piped\nbenchmark: { program: programs/answers }\ntrace: { tracer: none }\n';
    const fed = (input: string, ...words: string[]) =>
      spawnSync(process.execPath, [main(), ...words], {
        ...{ cwd: place.folder, input, encoding: 'utf8' },
        env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
      });
    expect(fed(text, 'validate', '-')).toMatchObject({
      status: 0,
      stdout: 'standard input: ok, 1 cell, 0 left out\n',
    });
    expect(fed(`${text}trails: 1\n`, 'validate', '-')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('standard input:4:1: trails: unknown key'),
    });
    expect(fed('', 'validate', '-').stderr).toContain('standard input:1:1: the spec is empty');
    expect(fed(text, 'validate', '-', '-').stderr).toContain('can be read once only');
    expect(fed(text, 'plan', '-').stdout).toContain(place.path('programs', 'answers'));
    const more = 'trials: 2\nmatrix: { buffer_size: 512, total_size: 1KiB }\n';
    expect(fed(text + more, 'run', '-')).toMatchObject({ status: 0 });
    expect(place.query('SELECT spec_file, spec_text FROM sweep')).toEqual([
      { spec_file: 'standard input', spec_text: text + more },
    ]);
    expect(fed('', 'report', 'piped', '--out', 'piped.html').status).toBe(0);
    expect(place.read('piped.html')).toContain('ipc-sweep run piped.yaml');
    // A script that is not there is looked for in the working folder.
    const scripted = fed(
      `${text.replace('none', 'auto')}  scripts: [x.bt]\n`.replace(
        'trace: { tracer: auto }\n',
        'trace:\n',
      ),
      'run',
      '-',
    );
    expect(scripted.stderr).toContain(`cannot read the script ${place.path('x.bt')}`);
  });

  it('offers completion for bash, with the names of the commands', async () => {
    const { code, stdout } = await place.run('completion');
    expect(code).toBe(0);
    expect(stdout).toContain('ipc-sweep --get-yargs-completions');
    expect(spawnSync('bash', ['-n'], { input: stdout }).status).toBe(0);
    const words = await place.run('--get-yargs-completions', '');
    expect(words.stdout.split('\n')).toEqual(expect.arrayContaining(COMMANDS));
  });

  it('writes neither colours nor cursor movements into a pipe', async () => {
    place.spec('plain', 'answers');
    for (const words of [['--help'], ['run', 'plain.yaml'], ['status'], ['plan', 'plain.yaml']]) {
      const { code, stdout, stderr } = await place.run(...words);
      expect(code).toBe(0);
      expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    }
  });

  it('ends without an error when the reader of its output goes away', () => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-o', 'pipefail', '-c', `"$0" "$1" schema | head -n 1`, process.execPath, main()],
      { cwd: place.folder, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

function main(): string {
  return new URL('../../bundle/main.js', import.meta.url).pathname;
}
