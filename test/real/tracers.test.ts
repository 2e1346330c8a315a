import { describe, expect, it } from 'vitest';
import { runSmall } from '../../src/host/run-small.ts';
import { bpftrace } from '../../src/trace/bpftrace/bpftrace.ts';
import { fill } from '../../src/trace/compose.ts';
import { inPrivateMounts } from '../../src/trace/kernel-mounts.ts';
import { strace } from '../../src/trace/strace/strace.ts';
import { localHost } from '../host/local-host.ts';
import { sessionFacts } from './session-facts.ts';
import { compositions, EXECNAME, hindrance } from './traced-runs.ts';

const required = process.env.IPC_SWEEP_REQUIRE_REAL === '1';
const without = { bpftrace: await hindrance(bpftrace), strace: await hindrance(strace) };

if (required) {
  it.each(['bpftrace', 'strace'] as const)('finds a %s that can be used here', (name) => {
    expect(without[name]).toBe('');
  });
}

describe.skipIf(without.bpftrace)(
  `bpftrace ${without.bpftrace}`,
  { timeout: 120_000 },
  async () => {
    await sessionFacts(bpftrace);

    it('takes every composition of instruments', async () => {
      const { host, close } = await localHost();
      for (const { instruments, events } of compositions(bpftrace.instrumentsOn('linux'))) {
        const request = { execname: EXECNAME, instruments, events, options: {} };
        const { source } = bpftrace.program(host.machine, request);
        const program = fill(source, { launcher: process.pid });
        // -d: compile, print the syntax tree, and attach nothing.
        const words = await inPrivateMounts(host, ['bpftrace', '-d', '-e', program]);
        const { ok, stderr } = await runSmall(host, { words });
        expect(ok, `${instruments.join(' ')} events ${events}: ${stderr}`).toBe(true);
      }
      await close();
    });
  },
);
