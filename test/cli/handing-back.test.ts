import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Ownership } from '../../src/cli/ownership.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-handing-back-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ofCaller = () => new Ownership({ SUDO_UID: '1000', SUDO_GID: '1000' }, 0);

it('nothing is handed back from a cache that is below a file, and nothing fails', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => ofCaller().handBackPrograms(join(folder, 'file', 'cache'))).not.toThrow();
});

it('nothing is handed back if a file has taken the place of a folder, and nothing fails', () => {
  const results = join(folder, 'made', 'deep', 'results');
  mkdirSync(results, { recursive: true });
  const owner = ofCaller();
  owner.folder(results);
  rmSync(join(folder, 'made'), { recursive: true });
  writeFileSync(join(folder, 'made'), '');
  expect(() => owner.handBack()).not.toThrow();
});
