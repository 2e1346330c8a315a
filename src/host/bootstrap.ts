import { createHash } from 'node:crypto';

/** Which agent is meant: its text decides, and how it is compiled. */
export interface AgentSource {
  readonly text: Buffer;
  readonly version: string;
}

const FLAGS = '-std=c11 -O2';
const VERSION_DIGITS = 16;
/** Of what a login shell or a failure may print before the agent does. */
const MOST_BYTES = 64 * 1024;

export function agentSource(text: Buffer): AgentSource {
  const hash = createHash('sha256').update(text).update(FLAGS).digest('hex');
  return { text, version: hash.slice(0, VERSION_DIGITS) };
}

/**
 * What `sh` runs on a host to become the agent: one line, which any login shell takes between single
 * quotes, so without quotes of that kind, backslashes and exclamation marks. It looks for the agent
 * in the user's cache; where there is none that runs, it asks for the C text, compiles it, and moves
 * it into place in one step, so that two may do so at once. Machines that share a home keep their own
 * files apart: the folder is named for the system, drafts for the machine.
 * @param silenceS the agent ends when it has heard nothing for so long; 0: never
 */
export function bootstrapScript(source: AgentSource, silenceS: number): string {
  const { version, text } = source;
  return [
    `v=${version}; s=${silenceS}; c="\${XDG_CACHE_HOME:-$HOME/.cache}/ipc-sweep"`,
    'd="$c/agent-$v-$(uname -s)-$(uname -m)"; a="$d/agent"',
    'if "$a" check >/dev/null 2>&1; then exec "$a" $v $s; fi',
    'f() { echo "ipc-sweep-agent $v fails: $1"; shift; "$@" 2>&1 | head -c 4000; rm -f "$t" "$t.c" "$t.e" 2>/dev/null; exit 3; }',
    'o="$d/.draft-$(uname -n)-"; t="$o$$"',
    'm=$( (umask 022; mkdir -p "$d") 2>&1) || f folder echo "$m"',
    'for x in "$o"*; do p="${x#"$o"}"; p="${p%%.*}"; [ -f "$x" ] && [ "$p" -gt 1 ] 2>/dev/null && { kill -0 "$p" 2>/dev/null || rm -f "$x"; }; done',
    'set -- ${CC:-cc}; command -v "$1" >/dev/null 2>&1 || f compiler echo "$1"',
    'm=$( (: >"$t.c") 2>&1) || f folder echo "$m"',
    'echo "ipc-sweep-agent $v needs its text"',
    `head -c ${text.length} >"$t.c" 2>"$t.e" || f folder cat "$t.e"`,
    `n=$(wc -c <"$t.c"); [ "$n" -eq ${text.length} ] || f folder echo "only $n bytes of ${text.length} could be written"`,
    `(umask 022; "$@" ${FLAGS} -o "$t" "$t.c") >"$t.e" 2>&1 || f compile cat "$t.e"`,
    '"$t" check >"$t.e" 2>&1 || f run cat "$t.e"',
    'm=$(mv -f "$t" "$a" 2>&1) || f folder echo "$m"',
    'rm -f "$t.c" "$t.e"; exec "$a" $v $s',
  ].join('; ');
}

/** What stood in the way of an agent, in the script's words. */
export type Failure = 'folder' | 'compiler' | 'compile' | 'run';

export type Said =
  /** Nothing yet, or only what a login shell prints. */
  | { readonly state: 'waiting' }
  | { readonly state: 'needs-text' }
  /** What follows the line are frames. */
  | { readonly state: 'begun'; readonly rest: Buffer }
  | { readonly state: 'fails'; readonly why: Failure }
  | { readonly state: 'too-much' };

/** Reads what comes before the agent's own line, and finds the lines that are meant for us in it. */
export class BootstrapReader {
  readonly #start: string;
  #held: Buffer = Buffer.alloc(0);
  #bytes = 0;
  #failed: Failure | undefined;
  readonly #lines: string[] = [];

  constructor(version: string) {
    this.#start = `ipc-sweep-agent ${version}`;
  }

  /** Lines that were not for us, such as a banner, or the failure's own words. */
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
      // A prompt may stand in front, without an end of its own line.
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
