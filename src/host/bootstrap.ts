import { createHash } from 'node:crypto';

/** Identifies an agent by its source text and the way it is built. */
export interface AgentSource {
  readonly text: Buffer;
  /** The script that `sh` runs on a host: start-agent.sh. */
  readonly script: string;
  readonly version: string;
}

const VERSION_DIGITS = 16;
/** The most that a login shell or a failure may print before the agent does. */
const MOST_BYTES = 64 * 1024;

export function agentSource(text: Buffer, script: string): AgentSource {
  const hash = createHash('sha256').update(text).update(script).digest('hex');
  return { text, script, version: hash.slice(0, VERSION_DIGITS) };
}

/**
 * Returns the script as one line that any login shell accepts between single quotes.
 * @param silenceS the agent ends after this many seconds without hearing anything; 0: never
 */
export function bootstrapLine(source: AgentSource, silenceS: number): string {
  const { version, text, script } = source;
  const commands = script.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = [`version=${version}`, `silence=${silenceS}`, `bytes=${text.length}`];
  return [...settings, ...commands].join('; ');
}

/** The step at which starting an agent failed, in the script's words. */
export type Failure = 'folder' | 'compiler' | 'compile' | 'run';

export type Said =
  /** Nothing has come yet, or only what a login shell prints. */
  | { readonly state: 'waiting' }
  | { readonly state: 'needs-text' }
  /** The agent's own line has come; frames follow it. */
  | { readonly state: 'begun'; readonly rest: Buffer }
  | { readonly state: 'fails'; readonly why: Failure }
  | { readonly state: 'too-much' };

/** Reads what comes before the agent's own line and finds the lines in it that are meant for us. */
export class BootstrapReader {
  readonly #start: string;
  #held: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #failed: Failure | undefined;
  readonly #lines: string[] = [];

  constructor(version: string) {
    this.#start = `ipc-sweep-agent ${version}`;
  }

  /** The lines that were not meant for us, such as a banner, or the failure's own words. */
  get text(): string {
    return [...this.#lines, this.#held.toString('utf8')].join('\n').trim();
  }

  get failed(): Failure | undefined {
    return this.#failed;
  }

  push(piece: Buffer): Said {
    this.#bytes += piece.length;
    let rest = Buffer.concat([this.#held, piece]);
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end === -1) break;
      const line = rest.subarray(0, end).toString('utf8').replace(/\r$/, '');
      rest = rest.subarray(end + 1);
      // A prompt without a line end may precede it.
      const said = line.slice(Math.max(line.indexOf(this.#start), 0));
      if (said === this.#start) return { state: 'begun', rest };
      if (said === `${this.#start} needs its text`) {
        this.#held = rest;
        return { state: 'needs-text' };
      }
      const why = said.startsWith(`${this.#start} fails: `)
        ? /fails: (folder|compiler|compile|run)$/.exec(said)?.[1]
        : undefined;
      if (why !== undefined) {
        this.#failed = why as Failure;
        this.#lines.length = 0;
      } else this.#lines.push(line);
    }
    this.#held = rest;
    if (this.#bytes > MOST_BYTES) return { state: 'too-much' };
    return this.#failed ? { state: 'fails', why: this.#failed } : { state: 'waiting' };
  }
}
