import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { listSweeps } from '../../src/store/reader.ts';
import { isBeingWritten } from '../../src/store/writer-lock.ts';
import { exampleSweep } from './example-sweep.ts';

const OPEN = new URL('../../dist/store/open.js', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-lock-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file = '';
let number = 0;
let other: ChildProcess | undefined;
beforeEach(() => {
  file = join(folder, String(++number), 'sweep.db');
});
afterEach(() => other?.kill('SIGKILL'));

/** Another process that holds the database until it is killed. */
async function writer(): Promise<ChildProcess> {
  const program = `const { openForWriting } = await import(process.argv[1]);
    globalThis.held = openForWriting(process.argv[2]); console.log('open'); setInterval(() => {}, 1000);`;
  other = spawn(process.execPath, ['--input-type=module', '-e', program, OPEN, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout!, 'data');
  return other;
}

it('a second writer is refused with the name of the first, and readers are not', async () => {
  const { pid } = await writer();
  expect(isBeingWritten(file)).toBe(true);
  expect(() => openForWriting(file)).toThrow(
    new RegExp(`sweep\\.db is in use: pid ${pid} on .+, since \\d{4}-\\d\\d-\\d\\dT`),
  );
  const reader = openForReading(file);
  expect(listSweeps(reader)).toEqual([]);
  reader.close();
});

it('a killed writer frees its lock at once, and its sweep is interrupted', async () => {
  const { db, close } = openForWriting(file);
  exampleSweep(db);
  close();
  const child = await writer();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(`${file}.holder`)).toBe(true);
  expect(isBeingWritten(file)).toBe(false);
  const again = openForWriting(file);
  expect(readFileSync(`${file}.holder`, 'utf8')).toContain(`pid ${process.pid} `);
  again.close();
  expect(isBeingWritten(file)).toBe(false);
});

it('a sweep that a killed writer left running is marked as interrupted by the next one', () => {
  const { db, close } = openForWriting(file);
  exampleSweep(db);
  expect(listSweeps(db)[0]?.state).toBe('running');
  close();
  const next = openForWriting(file);
  expect(listSweeps(next.db)[0]?.state).toBe('interrupted');
  next.close();
});

it('a closed database has only its lock beside it, unless somebody is reading', () => {
  const first = openForWriting(file);
  exampleSweep(first.db);
  expect(readdirSync(join(file, '..'))).toEqual(
    expect.arrayContaining(['sweep.db-wal', 'sweep.db.holder', 'sweep.db.lock']),
  );
  first.close();
  expect(readdirSync(join(file, '..')).sort()).toEqual(['sweep.db', 'sweep.db.lock']);

  const second = openForWriting(file);
  const reader = openForReading(file);
  expect(listSweeps(reader)).toHaveLength(1);
  exampleSweep(second.db);
  second.close();
  expect(listSweeps(reader)).toHaveLength(2);
  reader.close();
  openForWriting(file).close();
  expect(readdirSync(join(file, '..')).sort()).toEqual(['sweep.db', 'sweep.db.lock']);
});

it('somebody who only asks at the same moment does not keep a writer out', async () => {
  openForWriting(file).close();
  const program = `const { isBeingWritten } = await import(process.argv[1]);
    console.log('asking'); for (;;) isBeingWritten(process.argv[2]);`;
  const lock = new URL('../../dist/store/writer-lock.js', import.meta.url).href;
  other = spawn(process.execPath, ['--input-type=module', '-e', program, lock, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout!, 'data');
  for (let time = 0; time < 20; time++) openForWriting(file).close();
});

it('somebody who asks and is then held up does not keep a writer out', async () => {
  openForWriting(file).close();
  const program = `const { default: Database } = await import('better-sqlite3');
    const lock = (globalThis.held = new Database(process.argv[1]));
    lock.exec('BEGIN; SELECT 1 FROM sqlite_schema');
    console.log('asks'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);`;
  other = spawn(process.execPath, ['--input-type=module', '-e', program, `${file}.lock`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout!, 'data');
  expect(isBeingWritten(file)).toBe(false);
  openForWriting(file).close();
});

it('a link in place of the holder is not written through', () => {
  openForWriting(file).close();
  const target = join(folder, 'target');
  symlinkSync(target, `${file}.holder`);
  expect(() => openForWriting(file)).toThrow(/holder is a symbolic link, which is not followed/);
  expect(existsSync(target)).toBe(false);
});
