/** The names of the published schemas: that of a spec, and those of what commands print. */
export const SCHEMA_NAMES = [
  ...['experiment', 'status', 'run', 'report', 'plan', 'compare', 'history', 'check', 'doctor'],
  ...['merge', 'slurm-status'],
] as const;
