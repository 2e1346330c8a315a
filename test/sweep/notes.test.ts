import { expect, it } from 'vitest';
import { parseExperiment } from '../../src/experiment/read-experiment.ts';
import { notesOn } from '../../src/sweep/notes.ts';
import type { Tracing } from '../../src/sweep/tracing.ts';
import { placeScripts } from '../../src/trace/user-scripts/riding/placement.ts';

it('a note before the run says which system calls this kernel lacks', () => {
  const lines = ['syscalls.kevent == 0', 'syscalls.epoll_wait == 0', 'syscalls.read > 1'];
  const text = `name: q\nexpect:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
  const experiment = parseExperiment('q.yaml', text, { allowLarge: false });
  const asked = { instruments: ['syscalls'], events: false, options: {} };
  const tracing = {
    ...{ asked, traced: true, wanted: undefined, scripts: [], placed: [], missing: [], faults: [] },
  } as unknown as Tracing;
  const why = (line: string, call: string) =>
    `expect: ${line}: no cell can fulfil it, since there is no system call ${call} here`;
  expect(notesOn(experiment, tracing, 'linux')).toEqual([why(lines[0]!, 'kevent')]);
  expect(notesOn(experiment, tracing, 'freebsd')).toEqual([why(lines[1]!, 'epoll_wait')]);
});

it('a note before the run says which scripts are attached to every run, and for which line', () => {
  const script = (name: string, text: string) => ({
    ...{ path: `/spec/${name}`, name, text, json: false, flags: [] },
    tracer: name.endsWith('.d') ? ('dtrace' as const) : ('bpftrace' as const),
  });
  const scripts = [
    script('rides.bt', 'kprobe:f { @ = count(); }'),
    script('exits.bt', 'kprobe:f {\n exit(); }'),
    script('times.bt', 'kprobe:f { time("%H"); }'),
    script('joins.bt', 'kprobe:f { join(args->argv); }'),
    script('other.d', 'BEGIN {}'),
  ];
  const notes = (tracer: string | undefined, attach: 'session' | 'per-run') => {
    const placed = placeScripts(scripts, { tracer, attach, platform: 'freebsd' });
    const text = `name: q\ntrace: { attach: ${attach} }\n`;
    const tracing = {
      ...{ asked: { instruments: [], events: false, options: {} }, traced: true },
      ...{ wanted: undefined, scripts, placed, missing: [], faults: [] },
    } as unknown as Tracing;
    return notesOn(parseExperiment('q.yaml', text, { allowLarge: false }), tracing, 'freebsd');
  };
  expect(notes('bpftrace', 'session')).toEqual([
    'exits.bt is attached anew to each run: line 2: exit() would end the session',
    'joins.bt is attached anew to each run: it prints with time(), cat(), join() or print() of a value, and so does times.bt: nobody could tell whose text it is',
    'other.d is attached anew to each run: it is for dtrace, and the session is one of bpftrace',
    'attach: beside such scripts the tracer is attached anew for each run on FreeBSD',
  ]);
  expect(notes(undefined, 'session')).toHaveLength(6);
  expect(notes('bpftrace', 'per-run')).toEqual([]);
});
