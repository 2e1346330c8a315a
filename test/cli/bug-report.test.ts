import { describe, expect, it } from 'vitest';
import { type BugContext, bugReport } from '../../src/cli/bug-report.ts';

const context: BugContext = {
  version: '1.2.3',
  nodeVersion: 'v20.20.0',
  system: 'Linux 6.1.0 x64',
  words: [],
  home: '/home/ada',
  workingFolder: '/home/ada/secret-project',
  ownFolder: '/home/ada/tools/ipc-sweep/',
};

function stackOf(...lines: string[]): Error {
  const error = new TypeError('it is undefined');
  error.stack = ['TypeError: it is undefined', ...lines].join('\n');
  return error;
}

describe('a report about a bug', () => {
  it('holds the version, the system, the command and where it happened', () => {
    const error = stackOf('    at go (file:///home/ada/tools/ipc-sweep/dist/cli/parser.js:10:3)');
    expect(bugReport(error, { ...context, words: ['status', '--json'] })).toBe(
      `ipc-sweep: this is a bug. Please report it with these lines, once you have looked through them:

ipc-sweep 1.2.3, Node.js v20.20.0, Linux 6.1.0 x64
command: ipc-sweep status --json
TypeError: it is undefined
    at go (file://<ipc-sweep>/dist/cli/parser.js:10:3)`,
    );
  });

  it('shows no file, host or sweep of the command line, and none of the folders that it knows', () => {
    const words = ['run', '/home/ada/secret-project/secret-1.yaml', '--host', 'root@secret-2'];
    const more = ['--db=/secret-3/secret-4.db', 'secret-5:ipc=pipe', 'secret-6', '-x', '4096'];
    const error = stackOf(
      '    at read (/home/ada/secret-project/x.js:1:1)',
      '    at /home/ada/.cache/y.js:2:2',
    );
    const text = bugReport(error, { ...context, words: [...words, ...more] });
    expect(text).toContain('command: ipc-sweep run ....yaml --host ... --db=... ... ... -x 4096\n');
    expect(text).toContain('at read (<folder>/x.js:1:1)');
    expect(text).toContain('at <home>/.cache/y.js:2:2');
    expect(text).not.toMatch(/secret|ada/);
  });

  it('can be made of whatever was thrown', () => {
    expect(bugReport('just text', context)).toMatch(/\ncommand: ipc-sweep\njust text$/);
    expect(bugReport(undefined, { ...context, home: '', ownFolder: '/' })).toMatch(/undefined$/);
  });
});
