import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { bpftrace } from '../../src/trace/bpftrace/bpftrace.ts';
import { fill } from '../../src/trace/compose.ts';
import { inPrivateMounts } from '../../src/trace/kernel-mounts.ts';
import { strace } from '../../src/trace/strace/strace.ts';
import { sessionFacts } from './session-facts.ts';
import { compositions, EXECNAME, hindrance } from './traced-runs.ts';

const required = process.env.IPC_SWEEP_REQUIRE_REAL === '1';
const without = { bpftrace: await hindrance(bpftrace), strace: await hindrance(strace) };

if (required) {
  it.each(['bpftrace', 'strace'] as const)('finds a %s that can be used here', (name) => {
    expect(without[name]).toBe('');
  });
}

describe.skipIf(without.bpftrace)(`bpftrace ${without.bpftrace}`, async () => {
  await sessionFacts(bpftrace);

  it('takes every composition of instruments', async () => {
    for (const { instruments, events } of compositions(bpftrace.instruments)) {
      const { source } = bpftrace.program({
        execname: EXECNAME,
        instruments,
        events,
        options: {},
      });
      const program = fill(source, { launcher: process.pid });
      // -d: compile, print the syntax tree, and attach nothing.
      const [file = '', ...words] = inPrivateMounts(['bpftrace', '-d', '-e', program]);
      const { exitCode, stderr } = await execa(file, words, { reject: false, stdin: 'ignore' });
      expect(exitCode, `${instruments.join(' ')} events ${events}: ${stderr}`).toBe(0);
    }
  });
});
