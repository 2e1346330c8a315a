import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentNames } from '../../src/cli/commands/check/students.ts';

describe('the name of a student', () => {
  it.each([
    [['alice.db'], ['alice']],
    [
      ['in/alice.db', 'in/bob.db'],
      ['alice', 'bob'],
    ],
    [
      ['in/alice/ipc-sweep.db', 'in/bob/ipc-sweep.db'],
      ['alice', 'bob'],
    ],
    [
      ['in/alice/results/x.db', 'in/bob/other/x.db'],
      ['alice/results', 'bob/other'],
    ],
    [
      ['/hw/alice/x.db', '/hw/bob.db'],
      ['alice/x', 'bob'],
    ],
    [
      ['a.db', 'a.sqlite'],
      ['a.db', 'a.sqlite'],
    ],
    [
      ['./a.db', 'a.db'],
      ['a', 'a'],
    ],
    [
      ['a.db', 'in/a.db'],
      ['a', 'in/a'],
    ],
    [
      ['.db', '..db'],
      ['.db', '.'],
    ],
  ])('is the part in which the paths differ: %j', (files, names) => {
    expect(studentNames(files)).toEqual(names);
  });

  it('is never empty, and never the same for two paths', () => {
    const part = fc.constantFrom('a', 'b', 'ipc-sweep', 'ü', 'x y');
    const end = fc.constantFrom('.db', '.sqlite', '.sqlite3', '', '.db.db');
    const path = fc.tuple(fc.array(part, { minLength: 1, maxLength: 4 }), end, fc.boolean());
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, selector: String }), (paths) => {
        const files = paths.map(
          ([parts, ext, root]) => `${root ? '/' : ''}${parts.join('/')}${ext}`,
        );
        const names = studentNames(files);
        expect(new Set(names).size).toBe(new Set(files).size);
        expect(names.every((name) => name !== '')).toBe(true);
      }),
    );
  });
});
