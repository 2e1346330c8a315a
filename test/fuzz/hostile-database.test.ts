import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/parser.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { UserError } from '../../src/errors.ts';
import { openForWriting } from '../../src/store/open.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { LooseDatabase } from '../store/loose-database.ts';
import { FUZZ_TIMEOUT, fuzzed } from './inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = join(folder, 'sound.db');
const { db, close } = openForWriting(sound);
hostileSweep(db);
close();
const loose = new LooseDatabase(sound, join(folder, 'loose.db'));

const VALUES = [
  ...['NULL', "'text'", "x'00ff'", '0', '1', '7.5', '-1', '9e999', '-9e999', '1e300'],
  ...['9223372036854775807', '-9223372036854775808', '9007199254740991'],
  ...["''", "'a' || char(0) || 'b'", "'1'", "'2026-01-02'", 'zeroblob(0)'],
  "printf('%.*c', 100000, 'x')",
];

const SPEC = join(folder, 'spec.yaml');
writeFileSync(
  SPEC,
  'name: example\nexpect: [bandwidth.cv < 10%, syscalls.write > 1, pipe_states.read has EMPTY]\n',
);

const COMMANDS = [
  ['status'],
  ['status', '1', '--suspect'],
  ['status', '--json'],
  ['top', '--once'],
  ['export', '--format', 'csv,xlsx,parquet'],
  ['export', '--preset', 'spreadsheet', '--semicolon', '--suspect'],
  ['report'],
  ['plot'],
  ['compare', '1', '1', '--json'],
  ['replay'],
  ['check', SPEC, '--json'],
  ['check', SPEC, '--csv', '--suspect'],
  ['note', '1', 'a note'],
  ['rename', '1', 'other'],
  ['delete', '1', '--yes', '--folder'],
];

const SILENT: Terminal = {
  out: () => {},
  talk: () => {},
  live: () => {},
  interactive: false,
  width: 80,
  unicode: true,
  style: (_, text) => text,
};

it(
  'every command reads a database with a wrong value in it, or says that it cannot',
  FUZZ_TIMEOUT,
  async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...loose.columns),
        fc.constantFrom(...VALUES),
        fc.constantFrom(...COMMANDS),
        async (place, value, command) => {
          const own = join(folder, String(made++));
          const file = `${own}.db`;
          loose.with(file, place, value);
          try {
            const words = [...command, '--db', file, '--results', own];
            await runCommandLine(words, SILENT);
          } catch (error) {
            // Anything else is a stack, and called a bug.
            if (!(error instanceof UserError)) throw error;
            expect(error.message).not.toMatch(/undefined|\bNaN\b|\[object/);
          } finally {
            for (const end of ['', '-wal', '-shm', '.lock', '.holder'])
              rmSync(file + end, { force: true });
            rmSync(own, { recursive: true, force: true });
          }
        },
      ),
      fuzzed(10),
    );
  },
);
