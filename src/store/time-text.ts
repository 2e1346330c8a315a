/** A time as the database has it; empty where it is not known, as of runs that were imported. */
export function timeText(at: Date | undefined): string {
  return at?.toISOString() ?? '';
}
