import type { UserScript } from '../user-script.ts';
import type { Refusal, RidingScript } from './piece.ts';
import { rideBpftrace } from './ride-bpftrace.ts';
import { rideDtrace } from './ride-dtrace.ts';

/** How a script is attached: with the session, or by a tracer of its own to every run. */
export type Placement =
  | { readonly attached: 'session'; readonly script: UserScript; readonly riding: RidingScript }
  | { readonly attached: 'per-run'; readonly script: UserScript; readonly why: Refusal };

/**
 * Decides which scripts ride in the session.
 * @param tracer the session's; undefined if the spec wants none
 */
export function placeScripts(
  scripts: readonly UserScript[],
  {
    tracer,
    attach,
    platform,
  }: {
    readonly tracer: string | undefined;
    readonly attach: 'session' | 'per-run';
    readonly platform: NodeJS.Platform;
  },
): readonly Placement[] {
  const placed: Placement[] = [];
  const riding: RidingScript[] = [];
  for (const script of scripts) {
    const fitted =
      attach === 'per-run'
        ? alone('trace.attach: per-run')
        : tracer === undefined
          ? alone('with trace.tracer: none there is no session')
          : tracer !== script.tracer
            ? alone(`it is for ${script.tracer}, and the session is one of ${tracer}`)
            : fit(script, riding, platform);
    if ('reason' in fitted) {
      placed.push({ attached: 'per-run', script, why: fitted });
      continue;
    }
    riding.push(fitted);
    placed.push({ attached: 'session', script, riding: fitted });
  }
  return placed;
}

function alone(reason: string): Refusal {
  return { line: undefined, reason };
}

function fit(
  script: UserScript,
  riding: readonly RidingScript[],
  platform: NodeJS.Platform,
): RidingScript | Refusal {
  if (script.tracer === 'dtrace') {
    return rideDtrace(script, riding.length, platform === 'linux' ? 'asked' : 'ticks');
  }
  const fitted = rideBpftrace(script, riding.length);
  if ('reason' in fitted || !fitted.printsUnmarked) return fitted;
  const other = riding.find(({ printsUnmarked }) => printsUnmarked);
  if (!other) return fitted;
  return alone(
    `it prints with time(), cat(), join() or print() of a value, and so does ${other.script.name}: nobody could tell whose text it is`,
  );
}

/** The scripts that are attached by a tracer of their own to every run. */
export function attachedAlone(placed: readonly Placement[]): readonly UserScript[] {
  return placed.flatMap((it) => (it.attached === 'per-run' ? [it.script] : []));
}

/** The scripts that are part of the session's program. */
export function ridingScripts(placed: readonly Placement[]): readonly RidingScript[] {
  return placed.flatMap((it) => (it.attached === 'session' ? [it.riding] : []));
}

/** Why a script does not ride, with the line; empty if it does. */
export function reasonOf(placement: Placement): string {
  if (placement.attached === 'session') return '';
  const { line, reason } = placement.why;
  return line === undefined ? reason : `line ${line}: ${reason}`;
}
