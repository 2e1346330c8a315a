/** A doubt about a run. The codes are documented in docs/tracing.md. */
export interface Doubt {
  readonly code: string;
  readonly message: string;
  /** True: the run's counts are not to be believed. False: worth knowing. */
  readonly suspect: boolean;
}
