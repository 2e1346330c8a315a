import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { candidates } from '../../src/cli/completion/candidates.ts';
import { openForWriting } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

/** Two sweeps, the newer one with two channels and three sizes. */
beforeAll(() => {
  mkdirSync(place.path('results'));
  const { db, close } = openForWriting(place.path('results/ipc-sweep.db'));
  const { id, store } = exampleSweep(db);
  store(exampleResult(1));
  db.prepare("UPDATE sweep SET name = 'older' WHERE id = ?").run(id);
  const second = exampleSweep(db).id;
  db.prepare("UPDATE sweep SET name = 'lab' WHERE id = ?").run(second);
  db.prepare('DELETE FROM cell WHERE sweep_id = ?').run(second);
  const cell = db.prepare(
    `INSERT INTO cell (sweep_id, number, key, ipc, mode, buffer_bytes, total_bytes, socket_buffers)
     VALUES (?, ?, ?, ?, '2proc', ?, 1048576, 0)`,
  );
  [
    ['pipe', 1000],
    ['local', 4096],
    ['local', 65536],
  ].forEach(([ipc, size], at) => {
    cell.run(second, at + 1, `key ${at}`, ipc, size);
  });
  close();
  place.write('program', `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  mkdirSync(place.path('bin'));
  place.write('bin/ipc-sweep', place.read('program'));
  chmodSync(place.path('bin/ipc-sweep'), 0o755);
});

const database = () => `--db=${place.path('results/ipc-sweep.db')}`;
const offered = (...words: string[]) => candidates(words, COMMANDS);

describe('completion of a word', () => {
  it('offers the sweeps of the database, by name, and by number once a number is begun', async () => {
    expect(await offered('status', database(), '')).toEqual(['lab', 'older', 'lab-2', 'older-1']);
    expect(await offered('plot', database(), 'old')).toEqual(['older', 'older-1']);
    expect(await offered('report', '--db', database().slice(5), '@')).toEqual(['@2', '@1']);
    expect(await offered('export', database(), '1')).toEqual(['1']);
    expect(await offered('compare', database(), '--repeat', 'l')).toEqual(['lab', 'lab-2']);
  });

  it('offers sweeps to the commands that change one, and experiments to `history`', async () => {
    for (const command of ['delete', 'rename', 'note']) {
      expect(await offered(command, database(), 'old')).toEqual(['older', 'older-1']);
    }
    expect(await offered('history', database(), '')).toEqual(['lab', 'older']);
  });

  it('offers the sides of a comparison, with the values that differ in the sweep', async () => {
    const axes = [
      ...['ipc=pipe', 'ipc=local'],
      ...['buffer_size=1000', 'buffer_size=4KiB', 'buffer_size=64KiB'],
    ];
    expect(await offered('compare', database(), '')).toEqual([
      ...['lab', 'older', 'lab-2', 'older-1'],
      ...axes,
    ]);
    expect(await offered('compare', database(), 'ipc=pipe', 'ipc=')).toEqual([
      'ipc=pipe',
      'ipc=local',
    ]);
    expect(await offered('compare', database(), 'lab:ipc=local,b')).toEqual(
      axes.slice(2).map((word) => `lab:ipc=local,${word}`),
    );
    expect(await offered('compare', database(), 'older:')).toEqual([
      'older:buffer_size=1KiB',
      'older:buffer_size=512',
    ]);
    expect(await offered('compare', database(), 'nobody:')).toEqual([]);
  });

  it('offers figures, formats and other choices, also behind a comma or an equals sign', async () => {
    expect(await offered('plot', '--figure', 'pipe')).toEqual([
      ...['pipe-states', 'pipe-dwell', 'pipe-transitions'],
    ]);
    expect(await offered('plot', '--figure=bandwidth,io-s')).toEqual([
      '--figure=bandwidth,io-sizes',
    ]);
    expect(await offered('plot', '--format', '')).toEqual(['svg', 'png', 'pdf']);
    expect(await offered('run', '--format', 'csv,')).not.toContain('csv,csv');
    expect(await offered('run', '--format', 'csv,x')).toEqual(['csv,xlsx']);
    expect(await offered('export', '--preset', 's')).toEqual(['spreadsheet']);
    expect(await offered('run', '--ipc', '')).toEqual(['pipe', 'local', 'tcp', 'shmem']);
    expect(await offered('run', '--tracer', 'n')).toEqual(['none']);
    expect(await offered('schema', 're')).toEqual(['report']);
    expect(await offered('slurm', '')).toEqual(['submit', 'status', 'cancel']);
  });

  it('leaves files to the shell where one is expected, and commands and options to yargs', async () => {
    expect(await offered('run', '')).toEqual([]);
    expect(await offered('status', '--db', '')).toEqual([]);
    expect(await offered('status', database(), 'lab', '')).toEqual([]);
    expect(await offered('st')).toBeUndefined();
    expect(await offered('status', '--d')).toBeUndefined();
  });

  it('offers nothing where there is no database, or a strange one, and writes nothing', async () => {
    place.write('garbage.db', 'SQLite format 3\0, but not really');
    for (const file of [place.path('absent.db'), place.path('garbage.db'), '/dev/null']) {
      expect(await offered('status', `--db=${file}`, '')).toEqual([]);
    }
    const before = readFileSync(place.path('results/ipc-sweep.db'));
    await offered('compare', database(), '');
    expect(readFileSync(place.path('results/ipc-sweep.db')).equals(before)).toBe(true);
  });
});

/** A database with names that would do something in a shell or on a terminal. */
function hostileDatabase(): string {
  const file = place.path('hostile.db');
  const { db, close } = openForWriting(file);
  const name = db.prepare('UPDATE sweep SET name = ? WHERE id = ?');
  const names = [
    ...['$(touch owned)', '`touch owned`', "'; touch owned; '", 'a\nb', '\x1b[2J', 'a b', '-x'],
    ...['"$(touch owned)"', '*', '~', 'x'.repeat(1e6), 'good'],
  ];
  for (const each of names) name.run(each, exampleSweep(db).id);
  close();
  return file;
}

/** Asks the real bash what it would offer for a line. */
function inBash(line: string): readonly string[] {
  const script = `
    source <(ipc-sweep completion)
    COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _ipc_sweep
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  // As readline takes a line apart.
  const words: string[] = [...(line.match(/[@=:]|[^\s@=:]+/g) ?? [])];
  if (/\s$/.test(line)) words.push('');
  return shell('bash', ['--norc', '-c', script, 'bash', line, ...words]);
}

function shell(name: string, words: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync(name, words, {
    cwd: place.folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      SHELL: `/bin/${name}`,
      PATH: `${place.path('bin')}:${process.env.PATH}`,
    },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

const has = (name: string) => spawnSync(name, ['-c', 'exit 0']).status === 0;

describe('bash', () => {
  it('puts in what fits, and replaces only what it takes for the word', () => {
    expect(inBash('ipc-sweep status ')).toEqual(['lab', 'older', 'lab-2', 'older-1']);
    expect(inBash('ipc-sweep status @')).toEqual(['2', '1']);
    expect(inBash('ipc-sweep compare ipc=pipe ipc=l')).toEqual(['local']);
    expect(inBash('ipc-sweep compare lab:buffer_size=6')).toEqual(['64KiB']);
    expect(inBash('ipc-sweep plot --figure=pipe-s')).toEqual(['pipe-states']);
    expect(inBash('ipc-sweep pl')).toEqual(['plan', 'plot']);
    expect(inBash('ipc-sweep run ')).toEqual([]);
  });

  it('evaluates no name of a hostile database, and offers only the harmless ones', () => {
    const file = hostileDatabase();
    expect(inBash(`ipc-sweep status --db ${file} `)).toEqual(['good', 'good-12']);
    const marked = new Database(file);
    marked.exec('CREATE TRIGGER evil AFTER INSERT ON run BEGIN SELECT 1; END');
    marked.close();
    expect(inBash(`ipc-sweep status --db ${file} `)).toEqual([]);
    expect(spawnSync('ls', [place.path('owned')]).status).not.toBe(0);
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  it('offers the same, and files where one is expected', () => {
    const ask = (line: string) =>
      shell('fish', ['-N', '-c', 'ipc-sweep completion | source; complete -C $argv[1]', line]);
    expect(ask('ipc-sweep status old')).toEqual(['older', 'older-1']);
    expect(ask('ipc-sweep compare ipc=l')).toEqual(['ipc=local']);
    expect(ask('ipc-sweep run prog')).toEqual(expect.arrayContaining(['program']));
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  it('offers the same, in a terminal', () => {
    // The line editor completes only in a terminal: zsh can make one of its own.
    place.write(
      'completing.zsh',
      [
        'autoload -U compinit; compinit -u -D; source <(ipc-sweep completion)',
        'show() { print -r -- "$BUFFER" >found }; zle -N show',
        "bindkey -e; bindkey '^I' complete-word '^X' show",
        'precmd() { : >ready }',
      ].join('\n'),
    );
    const script = `
      zmodload zsh/zpty
      zpty it zsh -f -i
      zpty -w it 'source ./completing.zsh'
      until [[ -e ready ]]; do sleep 0.05; done
      zpty -n -w it $'ipc-sweep compare ipc=l\\t\\x18'
      until [[ -s found ]]; do zpty -r -t it line; sleep 0.05; done
      cat found
      zpty -d it`;
    expect(shell('zsh', ['-f', '-c', script])).toEqual(['ipc-sweep compare ipc=local ']);
  });
});
