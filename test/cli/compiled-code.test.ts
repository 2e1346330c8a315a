import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepCompiledCode } from '../../src/cli/compiled-code.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-code-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function keptIn(cache: string): readonly string[] {
  const kept: string[] = [];
  keepCompiledCode({ enableCompileCache: (place: string) => kept.push(place) }, cache);
  return kept;
}

describe('compiled code', () => {
  it("is kept in one's own cache folder", () => {
    expect(keptIn(folder)).toEqual([join(folder, 'compiled-code')]);
  });

  it('is not kept where there is no cache folder yet, or a link stands for it', () => {
    expect(keptIn(join(folder, 'none'))).toEqual([]);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    expect(keptIn(join(folder, 'link'))).toEqual([]);
  });

  it("is not kept in somebody else's folder", () => {
    if (process.getuid?.() !== 0) expect(keptIn('/')).toEqual([]);
    else {
      const given = join(folder, 'given');
      mkdirSync(given);
      chownSync(given, 65534, 65534);
      expect(keptIn(given)).toEqual([]);
    }
  });

  it('is no matter for a Node that cannot keep it', () => {
    expect(() => keepCompiledCode({}, folder)).not.toThrow();
  });
});
