/** A time in the format of the database; empty if not known, as for imported runs. */
export function timeText(at: Date | undefined): string {
  return at?.toISOString() ?? '';
}
