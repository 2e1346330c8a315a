export const ACTIONS = ['submit', 'status', 'cancel'] as const;
