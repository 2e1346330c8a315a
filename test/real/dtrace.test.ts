import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { makeScratch } from '../../src/host/scratch.ts';
import { fill } from '../../src/trace/compose.ts';
import { dtrace } from '../../src/trace/dtrace/dtrace.ts';
import { inPrivateMounts } from '../../src/trace/kernel-mounts.ts';
import { sessionFacts } from './session-facts.ts';
import { compositions, EXECNAME, hindrance } from './traced-runs.ts';

const without = await hindrance(dtrace);

// Attaching takes seconds, and taking the probes back takes longer.
describe.skipIf(without)(`dtrace ${without}`, async () => {
  await sessionFacts(dtrace);

  it('takes every composition of instruments', async () => {
    const scratch = makeScratch('compositions');
    const file = join(scratch.folder, 'session.d');
    try {
      for (const { instruments, events } of compositions(dtrace.instruments)) {
        const request = { execname: EXECNAME, instruments, events, options: {} };
        writeFileSync(file, fill(dtrace.program(request).source, { launcher: process.pid }));
        // -e: compile, and attach nothing.
        const [command = '', ...words] = inPrivateMounts(['dtrace', '-e', '-s', file]);
        const { exitCode, stderr } = await execa(command, words, {
          reject: false,
          stdin: 'ignore',
        });
        expect(exitCode, `${instruments.join(' ')} events ${events}: ${stderr}`).toBe(0);
      }
    } finally {
      scratch.remove();
    }
  });
});
