/** The run in progress, and when it times out. */
export class InFlight {
  readonly #nowMs: () => number;
  #endsAtMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
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
