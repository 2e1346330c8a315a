import { describe, expect, it } from 'vitest';
import { runSmall } from '../../src/host/run-small.ts';
import { fill } from '../../src/trace/compose.ts';
import { dtrace } from '../../src/trace/dtrace/dtrace.ts';
import { inPrivateMounts } from '../../src/trace/kernel-mounts.ts';
import { localHost } from '../host/local-host.ts';
import { sessionFacts } from './session-facts.ts';
import { compositions, EXECNAME, hindrance } from './traced-runs.ts';

const without = await hindrance(dtrace);

// Attaching takes seconds, and taking the probes back takes longer.
describe.skipIf(without)(`dtrace ${without}`, async () => {
  await sessionFacts(dtrace);

  it('accepts every composition of instruments', async () => {
    const { host, close } = await localHost();
    for (const { instruments, events } of compositions(dtrace.instrumentsOn(process.platform))) {
      const request = { execnames: [EXECNAME], instruments, events, options: {} };
      const { source } = dtrace.program(host.machine, request);
      const program = fill(source, { launcher: host.machine.agentPid });
      const file = await host.send('session.d', Buffer.from(program));
      // -e: compile, and attach nothing.
      const words = await inPrivateMounts(host, ['dtrace', '-e', '-s', file]);
      const { ok, stderr } = await runSmall(host, { words });
      expect(ok, `${instruments.join(' ')} events ${events}: ${stderr}`).toBe(true);
    }
    await close();
  });
});
