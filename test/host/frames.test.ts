import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentHost } from '../../src/host/agent-host.ts';
import type { Connection } from '../../src/host/connect.ts';
import { FrameDecoder, FrameError, FrameReader, FrameWriter } from '../../src/host/frames.ts';
import { HostLost } from '../../src/host/host-lost.ts';
import { decodeEnd, decodeMachine, decodeState, LONGEST_REPLY } from '../../src/host/protocol.ts';

const LONGEST = 10_000;

interface Frame {
  readonly type: string;
  readonly number: number;
  readonly body: string;
}

function decoded(pieces: readonly Buffer[], longest = LONGEST): Frame[] {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder(longest, (type, number, body) =>
    frames.push({ type, number, body: body.toString('hex') }),
  );
  for (const piece of pieces) decoder.push(piece);
  return frames;
}

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Cuts bytes into pieces of any size, also empty ones. */
const cut = (whole: Buffer, at: readonly number[]) => {
  const places = [0, ...at.map((place) => place % (whole.length + 1)), whole.length];
  places.sort((a, b) => a - b);
  return places.slice(1).map((end, i) => whole.subarray(places[i], end));
};

const frame = fc.record({
  type: fc.constantFrom('a', 'o', 'e', '~'),
  number: fc.nat(0xffff_ffff),
  body: bytes(200),
});

describe('frames', () => {
  it('are read back unchanged, in whatever pieces they come', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (all, at) => {
          const writer = new FrameWriter();
          const whole = Buffer.concat(
            all.map(({ type, number, body }) => {
              writer.begin(type, number);
              for (const byte of body) writer.u8(byte);
              return writer.end();
            }),
          );
          expect(decoded(cut(whole, at))).toEqual(
            all.map(({ type, number, body }) => ({ type, number, body: body.toString('hex') })),
          );
        },
      ),
    );
  });

  it('contain fields that are read back unchanged', () => {
    const fields = fc.record({
      small: fc.nat(255),
      medium: fc.nat(0xffff_ffff),
      large: fc.maxSafeNat(),
      raw: bytes(9000),
      text: fc.string({ unit: 'grapheme' }),
      texts: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fields, (all) => {
        const whole = new FrameWriter()
          .begin('x', 7)
          .u8(all.small)
          .u32(all.medium)
          .u64(all.large)
          .bytes(all.raw)
          .text(all.text)
          .texts(all.texts)
          .end();
        const from = new FrameReader(whole.subarray(9));
        expect([from.u8(), from.u32(), from.u64()]).toEqual([all.small, all.medium, all.large]);
        expect(from.bytes().equals(all.raw)).toBe(true);
        expect(from.text()).toBe(all.text);
        expect(Array.from({ length: from.u32() }, () => from.text())).toEqual(all.texts);
        from.end();
      }),
    );
  });

  it('that are too long are refused before they have arrived', () => {
    const head = Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x61, 0, 0, 0, 0]);
    expect(() => decoded([head])).toThrow(FrameError);
    expect(() => decoded([Buffer.from([0, 0, 0, 4, 0x61, 0, 0, 0, 0])])).toThrow(FrameError);
  });

  it('with a large body do not take quadratic time', () => {
    const body = Buffer.alloc(LONGEST_REPLY - 9);
    const whole = Buffer.concat([Buffer.from([0, 0x3f, 0xff, 0xfc, 0x61, 0, 0, 0, 1]), body]);
    const pieces = cut(
      whole,
      Array.from({ length: 20_000 }, (_, i) => i * 200),
    );
    expect(decoded(pieces, LONGEST_REPLY)).toHaveLength(1);
  });
});

describe('bytes that are not frames', () => {
  it('end in a FrameError, or wait for more', () => {
    fc.assert(
      fc.property(bytes(400), fc.array(fc.nat(), { maxLength: 5 }), (whole, at) => {
        try {
          decoded(cut(whole, at));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });

  it('cause nothing but a FrameError as the end of a command, a machine or a file', () => {
    for (const decode of [decodeEnd, decodeMachine, decodeState]) {
      fc.assert(
        fc.property(bytes(400), (body) => {
          try {
            decode(body);
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
          }
        }),
      );
    }
  });

  it('lose the host that sends them, and reject every open promise', async () => {
    const types = [...'rsoeax~'].map((letter) => letter.charCodeAt(0));
    const sent = fc.array(
      fc.record({ type: fc.constantFrom(...types), number: fc.nat(3), body: bytes(60) }),
    );
    await fc.assert(
      fc.asyncProperty(sent, bytes(20), async (frames, rest) => {
        const output = new PassThrough();
        let end = (_how: string) => {};
        const ended = new Promise<string>((resolve) => {
          end = resolve;
        });
        const connection: Connection = {
          input: new PassThrough(),
          output,
          first: machineFrame(),
          ended,
          said: () => '',
          kill: () => {},
        };
        const host = await AgentHost.over('board', connection);
        const open = [
          host.run(command),
          host.stream(command).ended,
          host.readFile('/etc/passwd'),
          host.list('/'),
        ].map((promise) =>
          promise.then(
            () => 'answered',
            (error: unknown) => error,
          ),
        );
        for (const { type, number, body } of frames) {
          const head = Buffer.alloc(9);
          head.writeUInt32BE(body.length + 5, 0);
          head.writeUInt8(type, 4);
          head.writeUInt32BE(number, 5);
          output.write(Buffer.concat([head, body]));
        }
        output.end(rest);
        end('ended with exit code 1');
        for (const result of await Promise.all(open)) {
          if (result !== 'answered') expect(result).toBeInstanceOf(HostLost);
        }
        expect(host.lost).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

const command = {
  words: ['true'],
  environment: {},
  outputLimits: { stdout: 1, stderr: 1 },
  lingerMs: 0,
};

function machineFrame(): Buffer {
  const writer = new FrameWriter().begin('r', 0);
  for (const text of ['FreeBSD', 'amd64', '13.2-RELEASE', 'v', 'board']) writer.text(text);
  writer
    .u32(4)
    .u64(2 ** 30)
    .u32(1001);
  for (const text of ['/home/u', '/home/u/.cache/ipc-sweep', '/bin']) writer.text(text);
  return writer.u32(77).text('/home/u/agent').end();
}
