import { describe, expect, it } from 'vitest';
import {
  bpftraceRiddenLines,
  rodeLine,
} from '../../../../src/trace/user-scripts/riding/bpftrace-ridden-lines.ts';
import { rideBpftrace } from '../../../../src/trace/user-scripts/riding/ride-bpftrace.ts';

function ridden(text: string, number: number) {
  const script = { path: '/spec/a.bt', name: 'a.bt', text, tracer: 'bpftrace' as const };
  const found = rideBpftrace({ ...script, json: false, flags: [] }, number);
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

const MARKED = ridden('BEGIN { printf("hi"); }\nkprobe:f { printf("%d", 1); @a = count(); }', 0);
const UNMARKED = ridden('kprobe:g\n{\n\ttime();\n}', 1);
const SOURCE = [...MARKED.probes, ...UNMARKED.probes].map(({ text }) => text).join('\n');
const read = bpftraceRiddenLines([MARKED, UNMARKED], `// the session\n${SOURCE}`);
const text = (data: string) => `{"type": "printf", "data": "${data}"}`;
const map = (data: string) => `{"type": "map", "data": {${data}}}`;

describe('a line of a session in which bpftrace scripts ride', () => {
  it('is a text with the name of its probe', () => {
    const said = (probe: string) => `{"type": "printf", "probe": "${probe}", "data": "5\\n"}`;
    const output = { kind: 'output', isText: true };
    expect(read(text('script 0 0 5\\n'))).toEqual({ ...output, script: 0, text: said('BEGIN') });
    expect(read(text('script 0 1 5\\n'))).toEqual({ ...output, script: 0, text: said('kprobe:f') });
    expect(read(text('script 0 12 5\\n'))).toEqual({ ...output, script: 0, text: said('') });
    expect(read(text('script 17 0 5\\n'))).toEqual({ ...output, script: 17, text: said('') });
  });

  it('is a map with the name that the script uses', () => {
    expect(read(map('"@s0_a": 5'))).toEqual({ kind: 'output', script: 0, text: map('"@a": 5') });
    expect(read(map('"@s12_s1_b": {"1": 5}'))).toEqual({
      ...{ kind: 'output', script: 12, text: map('"@s1_b": {"1": 5}') },
    });
  });

  it('tells how many texts all scripts have printed', () => {
    expect(read(map('"@texts": {"0": 3, "1": 40}'))).toEqual({ kind: 'texts', count: 43 });
    expect(read(map('"@texts": {}'))).toEqual({ kind: 'texts', count: 0 });
  });

  it('stands below one that tells how many keys a map holds', () => {
    expect(rodeLine(65_536)).toMatch(/\n$/);
    expect(JSON.parse(rodeLine(65_536))).toMatchObject({ map_keys: 65_536 });
  });

  it('tells that the results, or all texts, have come', () => {
    expect(read(text('scripts\\n'))).toEqual({ kind: 'answered' });
    expect(read(text('settled\\n'))).toEqual({ kind: 'settled' });
  });

  it('belongs to the script that prints without marks, if one does', () => {
    const time = '{"type": "time", "data": "10:00:00\\n"}';
    const both = bpftraceRiddenLines([MARKED, UNMARKED], SOURCE);
    expect(both(time)).toEqual({ kind: 'output', script: 1, text: time });
    expect(bpftraceRiddenLines([MARKED], SOURCE)(time)).toBeUndefined();
  });

  it('is an error of the script in whose lines it happened', () => {
    const error = (line: number) =>
      `{"type": "helper_error", "msg": "oh", "helper": "map_update_elem", "line": ${line}}`;
    // The first line is the session's own, the second is that of the first script's probe.
    expect(read(error(1))).toBeUndefined();
    expect(read(error(2))).toEqual({ kind: 'output', script: 0, text: error(2) });
    expect(read(error(3))).toEqual({ kind: 'output', script: 1, text: error(3) });
    expect(read(error(60))).toBeUndefined();
  });

  it.each([
    ...[text('ready\\n'), text('script 0 '), map('"@syscalls": {"7,0": 5}'), ''],
    ...['{"type": "lost_events", "data": {"events": 42}}', 'scripts'],
  ])('is none of the scripts’: %j', (line) => {
    expect(read(line)).toBeUndefined();
  });
});
