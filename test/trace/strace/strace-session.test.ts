import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strace } from '../../../src/trace/strace/strace.ts';
import { type LocalHost, localHost } from '../../host/local-host.ts';
import { fixtureLines } from '../recording.ts';

const CALLS = fixtureLines('linux-strace/2proc-pipe.txt');
const PIDS = [...new Set(CALLS.map((line) => line.split(' ')[0]!))];
const [ROOT = '', CHILD = ''] = PIDS;
/** With -q instead of -qq strace also says how each process ended; the root is the last. */
const WHOLE = [...CALLS, ...[...PIDS].reverse().map((pid) => `${pid} +++ exited with 0 +++`)];

let here: LocalHost;
beforeAll(async () => {
  here = await localHost();
});
afterAll(() => here.close());

/** Returns what the session makes of a file that strace has written. */
async function collected(text: string) {
  const session = await strace.open(here.host, {
    execnames: ['ipc-benchmark'],
    instruments: ['syscalls'],
    ...{ events: false, options: {} },
  });
  try {
    session.begin();
    const words = session.wrap!(['ipc-benchmark']);
    writeFileSync(words[words.indexOf('-o') + 1]!, text);
    return await session.collect(Number(ROOT), '2proc');
  } finally {
    await session.close();
  }
}

describe('the file that strace writes', () => {
  it('is accepted when it contains the end of every process', async () => {
    const result = await collected(`${WHOLE.join('\n')}\n`);
    expect(result).toMatchObject({ state: 'counted', doubts: [] });
  });

  it('fails the run when it is cut anywhere before its last line', async () => {
    const text = `${WHOLE.join('\n')}\n`;
    const last = text.lastIndexOf('+++');
    for (const length of [last, last - 8, last - 40, text.length / 2, text.length / 4, 0]) {
      expect((await collected(text.slice(0, length))).state).toBe('failed');
    }
  });

  it('is doubted when the end of a child is missing', async () => {
    const lines = WHOLE.filter((line) => line !== `${CHILD} +++ exited with 0 +++`);
    expect((await collected(lines.join('\n'))).doubts).toMatchObject([
      { code: 'tracer-dropped', suspect: true },
    ]);
  });

  it('fails the run when it cannot be read', async () => {
    const session = await strace.open(here.host, {
      execnames: ['ipc-benchmark'],
      instruments: ['syscalls'],
      ...{ events: false, options: {} },
    });
    session.begin();
    const words = session.wrap!(['ipc-benchmark']);
    const file = words[words.indexOf('-o') + 1]!;
    rmSync(file);
    mkdirSync(file);
    expect(await session.collect(1, '2proc')).toMatchObject({
      state: 'failed',
      reason: 'strace wrote nothing',
    });
    rmdirSync(file);
    await session.close();
  });

  it('may end with a killed process', async () => {
    const text = WHOLE.join('\n').replaceAll('exited with 0', 'killed by SIGKILL');
    expect(await collected(text)).toMatchObject({ state: 'counted', doubts: [] });
  });
});
