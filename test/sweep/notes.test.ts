import { expect, it } from 'vitest';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { notesOn } from '../../src/sweep/notes.ts';
import type { Tracing } from '../../src/sweep/tracing.ts';

it('says before the run which system calls this kernel does not have', () => {
  const lines = ['syscalls.kevent == 0', 'syscalls.epoll_wait == 0', 'syscalls.read > 1'];
  const text = `name: q\nexpect:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
  const experiment = parseExperiment('q.yaml', text, { allowLarge: false });
  const asked = { instruments: ['syscalls'], events: false, options: {} };
  const tracing = {
    ...{ asked, traced: true, wanted: undefined, scripts: [], missing: [], faults: [] },
  } as unknown as Tracing;
  const why = (line: string, call: string) =>
    `expect: ${line}: no cell can fulfil it, since there is no system call ${call} here`;
  expect(notesOn(experiment, tracing, 'linux')).toEqual([why(lines[0]!, 'kevent')]);
  expect(notesOn(experiment, tracing, 'freebsd')).toEqual([why(lines[1]!, 'epoll_wait')]);
});
