import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { tableOfCount } from '../../src/export/count-tables.ts';
import { renewedInstrumentsPage } from '../../src/export/instruments-page.ts';
import type { CountTable, Instrument } from '../../src/instruments/instrument.ts';
import { COUNT_TABLES, INSTRUMENTS } from '../../src/instruments/instruments.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { bpftraceLines } from '../../src/trace/bpftrace/bpftrace-lines.ts';
import { dtraceLines } from '../../src/trace/dtrace/dtrace-lines.ts';
import { Tally } from '../../src/trace/session/tally.ts';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));
const folder = `${SOURCE}instruments/`;
const all: readonly Instrument[] = INSTRUMENTS;
const filesOf = ({ programs, eventPrograms }: Instrument) => [
  ...new Set([...Object.values(programs), ...Object.values(eventPrograms ?? {})]),
];

const db = new Database(':memory:');
for (const migration of MIGRATIONS) db.exec(migration);
afterAll(() => void db.close());

describe.each(all)('the instrument $name', (instrument) => {
  const programs = filesOf(instrument);

  it('has exactly the programs in its folder that its definition names', () => {
    const files = readdirSync(folder + instrument.name).filter((file) => /\.(d|bt)$/.test(file));
    expect(files.sort()).toEqual(programs.toSorted());
  });

  it.each(programs)('says in the header of %s what it prints and costs', (file) => {
    const text = readFileSync(`${folder}${instrument.name}/${file}`, 'utf8');
    const header = /^\/\*\n[\s\S]*?\*\/\n/.exec(text)?.[0] ?? '';
    expect(header).toMatch(/^\/\*\n \* [a-z-]+ - .+/);
    expect(header).toContain('\n * PRINTS  ');
    expect(header).toContain('\n * COSTS   ');
  });

  it('says why it has no program for some systems, if so', () => {
    const isEverywhere = Object.keys(instrument.programs).length === 5 && instrument.inStrace;
    expect(instrument.elsewhere !== '').toBe(!isEverywhere);
  });

  it.each(programs.filter((file) => !file.startsWith('events-')))(
    'has in %s every count that it defines',
    (file) => {
      const text = readFileSync(`${folder}${instrument.name}/${file}`, 'utf8');
      for (const { name, line } of instrument.counts) {
        expect(text).toContain(file.endsWith('.bt') ? `print(@${name})` : `printa("${line} %d.%d`);
      }
    },
  );
});

describe.each(COUNT_TABLES)('the table $name', (table) => {
  it('has in the database the columns of its definition, in their order', () => {
    const columns = db.pragma(`table_info(${table.stored})`) as { name: string; type: string }[];
    const typeOf = (key: CountTable['keys'][number]) =>
      key.kind === 'integer' || key.kind === 'pipe-state' ? 'INTEGER' : 'TEXT';
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['run_id', 'INTEGER'],
      ['role', 'TEXT'],
      ...table.keys.map((key) => [key.name, typeOf(key)]),
      ['count', 'INTEGER'],
    ]);
  });
});

it('docs/instruments.md has tables that are made from the definitions; `npm run docs` renews them', () => {
  const page = readFileSync(new URL('../../docs/instruments.md', import.meta.url), 'utf8');
  expect(page).toBe(renewedInstrumentsPage(page));
});

it('no source outside the folders names an instrument, except for the three defaults', () => {
  const names = all.filter(({ isDefault }) => !isDefault).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(1);
  const named = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!file.endsWith('.ts') || file.startsWith('instruments/')) return false;
    const text = readFileSync(SOURCE + file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    return names.some((name) => new RegExp(`['"]${name}['"]`).test(text));
  });
  // A provider of dtrace is called profile, too.
  expect(named).toEqual(['trace/examine.ts']);
});

/** An instrument that nobody has written: all that the rest needs is its definition. */
describe('a new instrument', () => {
  const WAKE_UPS = {
    name: 'wake_ups',
    line: 'wake_up',
    stored: 'wake_up',
    description: 'A row for each run, role, reason and processor.',
    optional: true,
    keys: [
      { name: 'reason', kind: 'word', words: ['data', 'signal'], description: 'why' },
      { name: 'cpu', kind: 'integer', unit: 'number', minimum: 0, description: 'where' },
    ],
    count: { unit: 'wake-ups', description: 'how many there were' },
    summary: { kind: 'per-run' },
  } as const satisfies CountTable;
  const tables = [...COUNT_TABLES, WAKE_UPS];
  const rows = [{ role: 'receiver', reason: 'signal', cpu: 1, count: 5 }];
  const tallied = (lines: readonly string[], read: ReturnType<typeof dtraceLines>) => {
    const tally = new Tally('parts', tables);
    for (const event of lines.flatMap(read)) tally.add(event);
    return (tally.countsOf(7, '2proc') as unknown as Record<string, unknown>).wake_ups;
  };

  it('is read from what dtrace and bpftrace print', () => {
    const dtrace = ['wake_up 7.0 1 signal 1 2', 'wake_up 7.0 1 signal 1 3'];
    expect(tallied(dtrace, dtraceLines(new Map(), tables))).toEqual(rows);
    const options = { names: new Map(), readNumber: 0, writeNumber: 1, tables };
    const bpftrace = JSON.stringify({ type: 'map', data: { '@wake_ups': { '7,1,1': 5 } } });
    expect(tallied([bpftrace], bpftraceLines(options))).toEqual(rows);
  });

  it.each(['wake_up 7.0 1 other 1 2', 'wake_up 7.0 1 signal 2', 'wake_up 7.0 1 signal 1 9 2'])(
    'does not accept %j as one of its counts',
    (line) => {
      expect(dtraceLines(new Map(), tables)(line)).toEqual([{ kind: 'unknown', line }]);
    },
  );

  it('has a table with its columns, and a section in the documentation', () => {
    const { columns, primaryKey } = tableOfCount(WAKE_UPS);
    const names = columns.map((own) => ('family' in own ? own.family : own.name));
    expect(names.slice(-4)).toEqual(['role', 'reason', 'cpu', 'count']);
    expect(primaryKey).toEqual(['run_id', 'role', 'reason', 'cpu']);
    const page = renewedInstrumentsPage('<!-- sections -->\n<!-- end of sections -->', [
      {
        ...{ name: 'wake-ups', question: 'Who wakes whom?', isDefault: false, programs: {} },
        ...{ elsewhere: 'There is none.', cost: 'nothing', counts: [WAKE_UPS], check: () => [] },
        checked: 'Not at all.',
      },
    ]);
    expect(page).toContain('### wake-ups\n\nWho wakes whom?\n\n- Costs nothing.');
    expect(page).toContain('`wake_ups.csv`: wake-ups of each run by role, reason, cpu');
  });
});
