import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameDecoder, FrameWriter } from '../../src/host/frames.ts';
import { encodeSaved, encodeStart, LONGEST_REPLY, Request } from '../../src/host/protocol.ts';
import { processesIn } from '../host/agents.ts';
import { FUZZ_TIMEOUT, fuzzed } from './inputs.ts';

const SOURCE = fileURLToPath(new URL('../../src/host/agent.c', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-agent-fuzz-'));
const program = join(folder, 'agent');
const MARK = 'ipc-sweep-agent fuzz\n';

beforeAll(() => {
  const flags = ['-std=c11', '-g', '-O1', '-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  const checks = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  execFileSync('cc', [...flags, ...checks, '-o', program, SOURCE]);
  writeFileSync(join(folder, 'setting'), '1');
});
afterAll(() => {
  expect(processesIn(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

const writer = new FrameWriter();
const limits = { stdout: 1000, stderr: 100 };
const start = (words: readonly string[], number: number, asItComes: boolean) =>
  encodeStart(
    writer,
    number,
    {
      words,
      environment: { PATH: '/usr/bin:/bin', A: 'b' },
      folder,
      deadlineMs: 200,
      outputLimits: limits,
      lingerMs: 10,
      watch: ['/proc/loadavg', '/no/such/file'],
      program: '/bin/sh',
    },
    asItComes,
  );

/** Requests as they are, which are changed below. What they name is in the test's folder. */
const requests = (): readonly Buffer[] => [
  start(['true'], 1, false),
  start(['sh', '-c', 'echo a; echo b >&2; sleep 0.05 & exit 3'], 2, false),
  start(['yes'], 3, true),
  start(['no-such-program'], 4, true),
  writer.begin(Request.signal, 3).u8(0x54).end(),
  writer.begin(Request.signal, 1).u8(0x41).end(),
  writer.begin(Request.credit, 3).u64(5000).u8(0).end(),
  writer.begin(Request.read, 5).u64(1000).u64(0).text('/proc/self/status').end(),
  writer.begin(Request.list, 6).text('/usr/bin').end(),
  writer.begin(Request.state, 7).u8(1).text(folder).end(),
  writer.begin(Request.realPath, 8).text(folder).end(),
  writer.begin(Request.send, 9).u32(0o600).text('file').bytes(Buffer.alloc(5000)).end(),
  writer.begin(Request.discard, 10).text('/file').end(),
  writer.begin(Request.set, 11).text(join(folder, 'setting')).text('2').end(),
  encodeSaved(writer, 12, { kind: 'file', target: join(folder, 'setting'), value: '1' }),
  writer.begin(Request.ask, 0).u32(1).end(),
  writer.begin(Request.ping, 0).end(),
  writer.begin(Request.hold, 13).u32(1).text('a holder').end(),
];

const change = fc.record({
  at: fc.nat(),
  over: fc.constantFrom(0, 0, 1, 1, 4),
  by: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom(
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0, 0, 0, 0),
      Uint8Array.of(0, 0, 0x10, 0),
    ),
  ),
});

/** Whole requests in any order, sometimes with bytes put in, over others, or cut off. */
const input = fc
  .tuple(
    fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    fc.array(change, { maxLength: 3 }),
    fc.option(fc.nat(), { freq: 3 }),
  )
  .map(([which, changes, end]) => {
    const all = requests();
    let whole = Buffer.concat(which.map((i) => all[i % all.length] ?? Buffer.alloc(0)));
    for (const { at, over, by } of changes) {
      const place = at % (whole.length + 1);
      whole = Buffer.concat([whole.subarray(0, place), by, whole.subarray(place + over)]);
    }
    return end === null ? whole : whole.subarray(0, end % (whole.length + 1));
  });

interface Session {
  readonly exitCode: number | null;
  readonly types: string;
  readonly stderr: string;
}

/** Sends bytes to an agent, after a while the end of its input, and reads all that it says. */
function session(bytes: Buffer, pauseMs = 0): Promise<Session> {
  const child: ChildProcess = spawn(program, ['fuzz'], {
    cwd: folder,
    env: { HOME: folder, PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (piece: Buffer) => said.push(piece));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
  });
  child.stdin?.on('error', () => {});
  child.stdin?.write(bytes);
  // Commands get a chance to end by themselves.
  setTimeout(() => child.stdin?.end(), pauseMs);
  return new Promise((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('it hangs'));
    }, 30_000);
    child.once('close', (exitCode) => {
      clearTimeout(hang);
      const all = Buffer.concat(said);
      expect(all.subarray(0, MARK.length).toString()).toBe(MARK);
      let types = '';
      const decoder = new FrameDecoder(LONGEST_REPLY, (type) => {
        types += type;
      });
      decoder.push(all.subarray(MARK.length));
      resolve({ exitCode, types, stderr });
    });
  });
}

describe('the agent', () => {
  it(
    'obeys a request, or says that it cannot read it, and never hangs or breaks',
    FUZZ_TIMEOUT,
    async () => {
      await fc.assert(
        fc.asyncProperty(input, async (bytes) => {
          const { exitCode, types, stderr } = await session(bytes);
          expect(stderr).toBe('');
          expect(types[0]).toBe('r');
          expect(exitCode).toBe(types.endsWith('x') ? 1 : 0);
        }),
        fuzzed(15),
      );
    },
  );

  it('does not obey random bytes', FUZZ_TIMEOUT, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 4, maxLength: 300 }), async (bytes) => {
        const { exitCode, types, stderr } = await session(Buffer.from(bytes));
        expect(stderr).toBe('');
        expect(['r', 'rx']).toContain(types);
        expect(exitCode).toBe(types === 'rx' ? 1 : 0);
      }),
      fuzzed(5),
    );
  });
});
