import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { sameFileCheck } from '../../src/store/same-file.ts';

let folder: string;
let file: string;
let db: Database.Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-same-file-'));
  file = join(folder, 'results.db');
  db = new Database(file);
  db.exec('CREATE TABLE run (id); INSERT INTO run VALUES (1), (2), (3)');
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Returns where a check has saved the database. */
function savedBy(check: () => void): string {
  try {
    check();
  } catch (error) {
    return /what was stored is saved in (\S+)$/.exec((error as Error).message)?.[1] ?? '';
  }
  return 'nothing was saved';
}

function runsIn(name: string): unknown {
  const saved = new Database(name, { readonly: true });
  const runs = saved.prepare('SELECT count(*) FROM run').pluck().get();
  saved.close();
  return runs;
}

describe('what was stored in a database whose file was deleted', () => {
  it('is saved in its own place', () => {
    const check = sameFileCheck(db, file, () => {});
    check();
    rmSync(file);
    expect(savedBy(check)).toBe(file);
    expect(runsIn(file)).toBe(3);
  });

  it('is saved among the temporary files when its folder is removed at the same time', () => {
    const check = sameFileCheck(db, file, () => {
      expect(existsSync(file)).toBe(true);
      rmSync(folder, { recursive: true });
    });
    rmSync(file);
    const saved = savedBy(check);
    expect(dirname(dirname(saved))).toBe(tmpdir());
    expect(runsIn(saved)).toBe(3);
    rmSync(dirname(saved), { recursive: true });
  });

  it('is saved among the temporary files when nothing can be made in its place', () => {
    const check = sameFileCheck(db, file, () => {});
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    const saved = savedBy(check);
    expect(dirname(dirname(saved))).toBe(tmpdir());
    expect(runsIn(saved)).toBe(3);
    rmSync(dirname(saved), { recursive: true });
  });

  it('is saved in the home folder when there are no temporary files, and is called lost when nothing can be kept', () => {
    const check = sameFileCheck(db, file, () => {});
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    const home = mkdtempSync(join(tmpdir(), 'ipc-sweep-same-file-home-'));
    try {
      vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
      vi.stubEnv('HOME', home);
      const saved = savedBy(check);
      expect(dirname(dirname(saved))).toBe(home);
      expect(runsIn(saved)).toBe(3);
      vi.stubEnv('HOME', join(folder, 'nowhere'));
      expect(check).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/was deleted .* cannot be saved beside it.*: ENOTDIR/),
          hint: expect.stringContaining('it is lost'),
          exitCode: 3,
        }),
      );
    } finally {
      vi.unstubAllEnvs();
      rmSync(home, { recursive: true });
    }
  });

  it('is not taken for a part of the database that has taken its place, while somebody reads the old one', () => {
    db.pragma('journal_mode = WAL');
    const check = sameFileCheck(db, file, () => {});
    const reader = new Database(file, { readonly: true });
    reader.exec('BEGIN');
    expect(reader.prepare('SELECT count(*) FROM run').pluck().get()).toBe(3);
    db.exec('INSERT INTO run VALUES (4)');
    check();
    const other = join(folder, 'other.db');
    const restored = new Database(other);
    restored.exec('CREATE TABLE run (id); INSERT INTO run VALUES (1)');
    restored.close();
    renameSync(other, file);
    expect(savedBy(check)).toBe(`${file}.saved`);
    db.close();
    expect(runsIn(file)).toBe(1);
    expect(runsIn(`${file}.saved`)).toBe(4);
    reader.close();
    expect(runsIn(file)).toBe(1);
  });

  it('is named to the end, although nothing can be tidied up where its folder was', () => {
    const inner = join(folder, 'results');
    mkdirSync(inner);
    const { checkInPlace, close } = openForWriting(join(inner, 'ipc-sweep.db'));
    renameSync(inner, join(folder, 'moved'));
    writeFileSync(inner, 'a file where the folder was');
    const saved = savedBy(checkInPlace);
    expect(dirname(dirname(saved))).toBe(tmpdir());
    expect(close).not.toThrow();
    rmSync(dirname(saved), { recursive: true });
  });
});
