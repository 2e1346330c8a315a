export const BANDWIDTH_FIELDS = [
  'median',
  'q1',
  'q3',
  'min',
  'max',
  'ci_low',
  'ci_high',
  'cv',
  'relative_ci',
  'n',
] as const;
export const RUN_FIELDS = ['completed', 'suspect', 'failed'] as const;
export const STATE_OPERATIONS = ['read', 'write', 'write-peer'] as const;
/** The processes that make calls: two in 2proc, one in 2thread. */
export const ROLES = ['receiver', 'sender', 'both'] as const;
export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;

export type Operator = (typeof OPERATORS)[number];
export type CallRole = (typeof ROLES)[number];
export type StateOperation = (typeof STATE_OPERATIONS)[number];

/** A result of a sweep for a cell that is a single number. */
export type Quantity =
  | { readonly kind: 'bandwidth'; readonly field: (typeof BANDWIDTH_FIELDS)[number] }
  | { readonly kind: 'runs'; readonly field: (typeof RUN_FIELDS)[number] }
  | { readonly kind: 'probe-effect' }
  /** The median number of calls in a traced run, by one role or by all together. */
  | { readonly kind: 'syscalls'; readonly name: string; readonly role: CallRole | undefined }
  /** The share of the operations that found the pipe in the named state, from 0 to 1. */
  | { readonly kind: 'state-share'; readonly operation: StateOperation; readonly state: string };
