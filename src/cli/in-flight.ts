import type { HookName } from '../experiment/hooks.ts';

/** The run in progress, and when it times out; or the user's own command that is carried out. */
export class InFlight {
  readonly #nowMs: () => number;
  #endsAtMs: number | undefined;
  #hook: HookName | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @param hook undefined when it has ended */
  carriesOut(hook: HookName | undefined): void {
    this.#hook = hook;
  }

  hook(): HookName | undefined {
    return this.#hook;
  }

  started(deadlineMs: number): void {
    this.#endsAtMs = this.#nowMs() + deadlineMs;
  }

  ended(): void {
    this.#endsAtMs = undefined;
  }

  /** Seconds until its deadline; undefined between runs. */
  secondsLeft(): number | undefined {
    if (this.#endsAtMs === undefined) return undefined;
    return Math.max(0, (this.#endsAtMs - this.#nowMs()) / 1000);
  }
}
