import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
