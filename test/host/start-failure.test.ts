import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { sudoRefused } from '../../src/host/refusals.ts';
import { requireStart, shortageOf } from '../../src/host/start-failure.ts';

describe('a command that did not start', () => {
  it.each([
    ['EAGAIN', 'ulimit -u'],
    ['ENOMEM', 'more memory'],
    ['EMFILE', 'ulimit -n'],
    ['ENFILE', 'fs.file-max'],
  ])('for lack of resources (%s) is not mistaken for a missing command', (code, hint) => {
    expect(() => requireStart('cc', { code })).toThrow(UserError);
    expect(() => requireStart('cc', { code })).toThrow(`cannot start cc: `);
    expect(shortageOf({ code })?.hint).toContain(hint);
    expect(sudoRefused('local', `sudo: unable to fork (${code})`)).toMatchObject({
      reason: expect.stringContaining(code),
    });
  });

  it.each(['ENOENT', 'EACCES', undefined])(
    'for another reason is passed on to its caller: %s',
    (code) => {
      expect(() => requireStart('cc', { code })).not.toThrow();
      expect(shortageOf({ code }, 'cc: error: x.c: No such file or directory')).toBeUndefined();
    },
  );

  it('is also recognised in the message of a program that could not start its children', () => {
    for (const [said, code] of [
      ["cc: fatal error: cannot execute 'cc1': vfork: Resource temporarily unavailable", 'EAGAIN'],
      ['cc1: out of memory: Cannot allocate memory', 'ENOMEM'],
      ['cc: internal compiler error: File size limit exceeded signal terminated cc1', 'EFBIG'],
      ['/tmp/ccXYZ.s: fatal error: No space left on device', 'ENOSPC'],
      ['open: Too many open files in system', 'ENFILE'],
      ['open: Too many open files', 'EMFILE'],
    ] as const) {
      expect(shortageOf({}, said)?.reason).toContain(code);
    }
  });
});
