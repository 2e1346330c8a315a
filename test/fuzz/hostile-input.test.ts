import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { LooseDatabase } from '../store/loose-database.ts';
import { merge, write } from '../store/merging.ts';
import { FUZZ_TIMEOUT, fuzzed } from './inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = join(folder, 'sound.db');
write(sound, (db) => {
  hostileSweep(db);
  hostileSweep(db);
});
merge([sound], join(folder, 'merged.db'));
const loose = new LooseDatabase(join(folder, 'merged.db'), join(folder, 'loose.db'));

const VALUES = [
  ...['NULL', "'text'", "x'00ff'", '0', '1', '2', '3', '-1', '7.5', '9e999'],
  ...['9223372036854775807', '9007199254740991', "''", "'a' || char(0) || 'b'", "'2026-01-02'"],
];

it(
  'a database with any wrong value is merged completely or refused, and is not changed',
  FUZZ_TIMEOUT,
  () => {
    let made = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...loose.columns),
        fc.constantFrom(...VALUES),
        fc.boolean(),
        (place, value, asOne) => {
          const file = join(folder, `${made++}.db`);
          const output = `${file}.output`;
          loose.with(file, place, value);
          const before = readFileSync(file, 'hex');
          try {
            merge([file], output, { asOne });
            expect(findDamage(output)).toEqual([]);
          } catch (error) {
            // Anything else is a stack, and called a bug.
            if (!(error instanceof UserError)) throw error;
            expect(error.message).not.toMatch(/undefined|\bNaN\b|\[object/);
          }
          expect(readFileSync(file, 'hex')).toBe(before);
          expect(existsSync(`${file}-wal`)).toBe(false);
          for (const end of ['', '.lock', '.output', '.output.lock']) {
            rmSync(file + end, { force: true });
          }
        },
      ),
      fuzzed(10),
    );
  },
);
