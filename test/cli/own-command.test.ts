import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asTypedHere, ownCommand } from '../../src/cli/own-command.ts';

describe('the name of the command in a hint', () => {
  let folder: string;
  let main: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'own-command-'));
    mkdirSync(join(folder, 'bundle'));
    main = join(folder, 'bundle/main.js');
    writeFileSync(main, '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('begins with npx in a clone, and where npx has started the program', () => {
    writeFileSync(join(folder, 'tsconfig.json'), '{}');
    symlinkSync(main, join(folder, 'link'));
    expect(ownCommand(join(folder, 'link'), {})).toBe('npx ipc-sweep');
    expect(ownCommand('/nowhere/main.js', { npm_command: 'exec' })).toBe('npx ipc-sweep');
  });

  it('is that of the installed command otherwise', () => {
    symlinkSync(main, join(folder, 'link'));
    expect(ownCommand(join(folder, 'link'), {})).toBe('ipc-sweep');
    expect(ownCommand('/nowhere/main.js', {})).toBe('ipc-sweep');
  });

  it('replaces the command wherever it stands, but not in the names of files', () => {
    const hint =
      '`ipc-sweep run SPEC` makes it; or sudo npx ipc-sweep ...; see ~/.cache/ipc-sweep is';
    expect(asTypedHere(hint, 'npx ipc-sweep')).toBe(
      '`npx ipc-sweep run SPEC` makes it; or sudo npx ipc-sweep ...; see ~/.cache/ipc-sweep is',
    );
    expect(asTypedHere(hint, 'ipc-sweep')).toContain('or sudo ipc-sweep ...;');
  });
});
