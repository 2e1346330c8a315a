import { ExitCode, UserError } from '../../../errors.ts';
import { lineOf, type RidingScript } from './piece.ts';

/** The place of a script's text in the session's program. */
export interface Origin {
  readonly script: RidingScript;
  /** The line of the script, from 1. */
  readonly line: number;
}

/**
 * Returns which line of which riding script a line of the program is; undefined for a line of the
 * program's own.
 * @param line from 1
 */
export function originOf(
  source: string,
  line: number,
  riding: readonly RidingScript[],
): Origin | undefined {
  for (const script of riding) {
    for (const piece of [...script.begin, ...script.probes, ...script.end]) {
      const at = source.indexOf(piece.text);
      if (at === -1) continue;
      const ahead = line - lineOf(source, at);
      if (ahead >= 0 && ahead < piece.text.split('\n').length) {
        return { script, line: piece.line + ahead };
      }
    }
  }
  return undefined;
}

/** An error in a program: bpftrace's `stdin:LINE:FROM-TO: ERROR: ...`, dtrace's `line LINE: ...`. */
const PLACES: Readonly<Record<'bpftrace' | 'dtrace', RegExp>> = {
  bpftrace: /^\S*?:(\d+)(?::\d+)?(?:-\d+)?(?::\d+-\d+)?: (ERROR: .*)$/m,
  dtrace: /failed to compile script [^\n]*?: line (\d+): ([^\n]*)/,
};

/**
 * Turns what a tracer says of the session's program into a message about the user's script, by its
 * own line and with its own names. Undefined if it is not about one.
 */
export function scriptError(
  tracer: 'bpftrace' | 'dtrace',
  stderr: string,
  source: string,
  riding: readonly RidingScript[],
): { readonly script: RidingScript; readonly message: string } | undefined {
  const [, line, said = ''] = PLACES[tracer].exec(stderr) ?? [];
  const origin = line === undefined ? undefined : originOf(source, Number(line), riding);
  if (origin) {
    const { script, text } = { script: origin.script, text: origin.script.script.text };
    const itsLine = text.split('\n')[origin.line - 1]?.trim() ?? '';
    const where = `${script.script.path}:${origin.line}`;
    return { script, message: `${where}: ${ownNames(said, script)}\n  ${itsLine}` };
  }
  const unattached = /Error attaching probe: '([^']+)'/.exec(stderr)?.[1];
  const script = unattached === undefined ? undefined : riding.find(mentions(unattached));
  if (!script || unattached === undefined) return undefined;
  const at = script.script.text.indexOf(unattached);
  const where = `${script.script.path}:${lineOf(script.script.text, at)}`;
  return { script, message: `${where}: the probe ${unattached} cannot be attached` };
}

const mentions = (point: string) => (script: RidingScript) => script.script.text.includes(point);

/** Returns a message with the names that the script itself has. */
function ownNames(message: string, { prefix }: RidingScript): string {
  return message.replaceAll(new RegExp(`(@|\\b(?:self->|this->)?)${prefix}`, 'g'), '$1');
}

/** The error to end with when a riding script does not compile; undefined if it is not that. */
export function scriptUserError(
  tracer: 'bpftrace' | 'dtrace',
  stderr: string,
  source: string,
  riding: readonly RidingScript[],
): UserError | undefined {
  const found = scriptError(tracer, stderr, source, riding);
  if (!found) return undefined;
  const { path } = found.script.script;
  return new UserError(`the script ${path} was not attached:\n${found.message}`, {
    hint: `try it alone: ${tracer} ${tracer === 'dtrace' ? '-s ' : ''}${path}; trace.attach: per-run attaches it by itself`,
    exitCode: ExitCode.machine,
  });
}
