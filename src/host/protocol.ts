import { FrameError, FrameReader, type FrameWriter } from './frames.ts';
import type {
  CommandEnd,
  FileState,
  Finished,
  HostCommand,
  Machine,
  SavedSetting,
} from './host.ts';

/** Types of frames; keep in step with src/host/agent.c. */
export const Request = {
  start: 'S',
  signal: 'K',
  credit: 'C',
  read: 'R',
  list: 'L',
  state: 'T',
  realPath: 'P',
  send: 'F',
  discard: 'D',
  set: 'W',
  save: 'B',
  ask: 'A',
  ping: 'N',
  hold: 'H',
} as const;

export const Reply = {
  ready: 'r',
  started: 's',
  output: 'o',
  end: 'e',
  answer: 'a',
  error: 'x',
} as const;

/** The first byte of an answer. */
export const Answer = { refused: 0, more: 1, done: 2 } as const;

/** The longest frame from the agent: the end of a command with sixteen watched files of 64 KiB. */
export const LONGEST_REPLY = 4 * 1024 * 1024;
/** The longest file that can be sent or read. */
export const LONGEST_FILE = 16 * 1024 * 1024;
/** The most that the agent keeps of a stream until its command ends. */
const LONGEST_KEPT = 64 * 1024 * 1024;
const NS_PER_MS = 1e6;

export function encodeStart(
  to: FrameWriter,
  number: number,
  command: HostCommand,
  asItComes: boolean,
): Buffer {
  const { stdout, stderr } = command.outputLimits;
  const kept = (bytes: number) => (asItComes ? bytes : Math.min(bytes, LONGEST_KEPT));
  to.begin(Request.start, number)
    .u8(asItComes ? 1 : 0)
    .u64(command.deadlineMs === undefined ? 0 : Math.max(command.deadlineMs * NS_PER_MS, 1))
    .u64(kept(stdout))
    .u64(kept(stderr))
    .u64(command.lingerMs * NS_PER_MS)
    .text(command.folder ?? '')
    .texts(command.words);
  const names = Object.keys(command.environment);
  to.u32(names.length);
  for (const name of names) to.text(`${name}=${command.environment[name]}`);
  return to
    .texts(command.watch ?? [])
    .text(command.program ?? '')
    .end();
}

/** Decodes a command's end except for its output. @throws FrameError */
export function decodeEnd(body: Buffer): Omit<Finished, 'stdout' | 'stderr'> {
  const from = new FrameReader(body);
  const pid = from.u32();
  const end = commandEnd(from.u8(), from.u32(), from.text(), from.text());
  const startedAt = new Date(Math.floor(from.u64() / NS_PER_MS));
  const wallNs = from.u64();
  const use = {
    userNs: from.u64(),
    systemNs: from.u64(),
    maxRssBytes: from.u64(),
    voluntarySwitches: from.u64(),
    involuntarySwitches: from.u64(),
  };
  const left = { seen: from.u32(), killed: from.u32(), remaining: from.u32() };
  const load = from.u64();
  const before: (string | undefined)[] = [];
  const after: (string | undefined)[] = [];
  for (let watched = from.u32(); watched > 0; watched -= 1) {
    for (const list of [before, after]) {
      const readable = from.u8() === 1;
      const text = from.text();
      list.push(readable ? text : undefined);
    }
  }
  const program = from.u8() === 1 ? readState(from) : undefined;
  from.end();
  const started = end.kind !== 'not-started';
  return {
    pid: started ? pid : undefined,
    end,
    startedAt,
    wallNs,
    use: started ? use : undefined,
    left,
    load1min: load > Number.MAX_SAFE_INTEGER ? undefined : load / 1000,
    before,
    after,
    program,
  };
}

function commandEnd(kind: number, code: number, name: string, reason: string): CommandEnd {
  switch (kind) {
    case 0:
      return { kind: 'exited', exitCode: code };
    case 1:
      return { kind: 'signalled', signal: name };
    case 2:
      return { kind: 'timed-out' };
    case 3:
      return { kind: 'aborted' };
    case 4:
      return { kind: 'flooded', stream: 'stdout' };
    case 5:
      return { kind: 'flooded', stream: 'stderr' };
    case 6:
      return { kind: 'not-started', code: name, reason };
    default:
      throw new FrameError(`a command ended in an unknown way (${kind})`);
  }
}

/** @throws FrameError */
export function decodeMachine(body: Buffer): Machine {
  const from = new FrameReader(body);
  const osName = from.text();
  const hardware = from.text();
  const machine: Machine = {
    osName,
    platform: platformOf(osName),
    architecture: architectureOf(hardware),
    osRelease: from.text(),
    osVersion: from.text(),
    hostname: from.text(),
    processors: from.u32(),
    memoryBytes: from.u64(),
    user: from.u32(),
    home: from.text(),
    cacheDir: from.text(),
    path: from.text(),
    agentPid: from.u32(),
    agentPath: from.text(),
  };
  from.end();
  return machine;
}

/** Translates uname(2)'s name of a system into Node's. */
function platformOf(osName: string): NodeJS.Platform {
  return osName.toLowerCase() as NodeJS.Platform;
}

const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [/^(x86_64|amd64|i86pc)$/, 'x64'],
  [/^(aarch64|arm64)/, 'arm64'],
  [/^arm/, 'arm'],
  [/^i[3-6]86$/, 'ia32'],
  [/^riscv64/, 'riscv64'],
  [/^(ppc64|powerpc64)/, 'ppc64'],
  [/^(loongarch64|loong64)$/, 'loong64'],
];

/** Translates uname(2)'s name of a machine into Node's; unknown names stay as they are. */
export function architectureOf(hardware: string): string {
  return ARCHITECTURES.find(([pattern]) => pattern.test(hardware))?.[1] ?? hardware;
}

const KINDS: Readonly<Record<string, FileState['kind']>> = {
  f: 'file',
  d: 'folder',
  l: 'link',
  o: 'other',
};

/** @throws FrameError */
export function decodeState(body: Buffer): FileState {
  const from = new FrameReader(body);
  const state = readState(from);
  from.end();
  return state;
}

function readState(from: FrameReader): FileState {
  const kind = KINDS[String.fromCharCode(from.u8())];
  if (kind === undefined) throw new FrameError('a file of an unknown kind');
  return {
    kind,
    device: from.exact64(),
    inode: from.exact64(),
    mode: from.u32(),
    user: from.u32(),
    links: from.u64(),
    sizeBytes: from.u64(),
    modifiedNs: from.exact64(),
    changedNs: from.exact64(),
  };
}

/** Decodes names that each end with a zero byte. */
export function decodeNames(body: Buffer): readonly string[] {
  return body.toString('utf8').split('\0').slice(0, -1);
}

export function encodeSaved(to: FrameWriter, number: number, setting: SavedSetting): Buffer {
  return to
    .begin(Request.save, number)
    .u8(setting.kind === 'file' ? 0x77 : 0x73)
    .text(setting.target)
    .text(setting.value)
    .end();
}
