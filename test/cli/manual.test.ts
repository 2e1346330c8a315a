import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { commandsPage } from '../../src/cli/manual/commands-page.ts';
import { manPage } from '../../src/cli/manual/man-page.ts';
import { paragraph } from '../../src/cli/manual/roff.ts';
import { nameOf } from '../../src/cli/manual/synopsis.ts';
import { runCommandLine } from '../../src/cli/parser.ts';
import { processTerminal } from '../../src/cli/terminal.ts';

const MANUAL = fileURLToPath(new URL('../../docs/ipc-sweep.1', import.meta.url));
const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/** Why a manual cannot be set here; undefined where it can. @throws where it must be */
function noGroff(): string | undefined {
  if (spawnSync('groff', ['--version']).status === 0) return undefined;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') throw new Error('there is no groff');
  return 'needs groff';
}

const groff = (text: string) =>
  spawnSync('groff', ['-mandoc', '-Tutf8', '-ww', '-P-cbou'], { input: text, encoding: 'utf8' });

describe('the documentation of the commands', () => {
  it('is up to date; if not, `npm run docs` renews it', () => {
    expect(commandsPage()).toBe(read('commands.md'));
    const manual = read('ipc-sweep.1');
    expect(manPage(/^\.Dd (\w+ \d+, \d{4})$/m.exec(manual)?.[1] ?? '')).toBe(manual);
  });

  it.each(COMMANDS.map((command) => [nameOf(command), command] as const))(
    'describes %s as its help does',
    async (name, command) => {
      let help = '';
      const out = (text: string) => {
        help += `${text}\n`;
      };
      await runCommandLine([name, '--help'], { ...processTerminal(), width: 100, out });
      const section = commandsPage().split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      const named = (text: string, at: RegExp) => [...text.matchAll(at)].map(([, it]) => it).sort();
      const options = named(section, /^\| `(?:-\w, )?--([\w-]+)/gm);
      expect(options).toEqual(Object.keys(command.options).sort());
      expect(named(help.split('\nExamples:')[0] ?? '', /^ +(?:-\w, )?--([\w-]+)/gm)).toEqual(
        [...options, 'help', 'version'].sort(),
      );
      const plain = (text: string) => text.replace(/\s+/g, ' ');
      expect(plain(help)).toContain(plain(command.describe));
    },
  );

  it.each(
    COMMANDS.flatMap((command) => command.examples.map(([line]) => [line, command] as const)),
  )('gives an example that the parser accepts: %s', async (line, { command }) => {
    const taken: string[] = [];
    const stubs = COMMANDS.map((it) => ({
      ...it,
      load: async () => () => {
        taken.push(it.command);
        return 0 as const;
      },
    }));
    const [first, ...words] = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) =>
      word.replaceAll('"', ''),
    );
    expect(first).toBe('ipc-sweep');
    await runCommandLine(words, processTerminal(), stubs);
    expect(taken).toEqual([command]);
  });
});

describe('the manual', () => {
  it('fits 80 columns, and no line of text in it is a roff request', () => {
    for (const line of read('ipc-sweep.1').split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const line of paragraph(text)) expect(line).toMatch(/^(?!['.])[\x20-\x7e]*$/);
      }),
    );
  });

  const why = noGroff();
  it.skipIf(why !== undefined)(`is formatted without a warning${why ? ` (${why})` : ''}`, () => {
    const { status, stdout, stderr } = groff(read('ipc-sweep.1'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const text = stdout.replace(/\s+/g, ' ');
    for (const { describe: words } of COMMANDS) expect(text).toContain(`${words}.`);
    expect(text).toContain('--fail-if-slower SHARE');
    const man = spawnSync('man', [MANUAL], {
      encoding: 'utf8',
      env: { ...process.env, MANPAGER: 'cat' },
    });
    expect(man.stdout).toContain('ipc-sweep');
  });

  it.skipIf(why !== undefined)(`shows every text unchanged${why ? ` (${why})` : ''}`, () => {
    const text = `.Dd 'x' \\fB\\n "a-b" -- ${'word '.repeat(30)}.so /x`;
    const { stdout, stderr } = groff(['.TH X 1 x x', '.SH X', ...paragraph(text)].join('\n'));
    expect(stderr).toBe('');
    expect(stdout.replace(/\s+/g, ' ')).toContain(text);
  });
});
