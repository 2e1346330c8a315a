import type { StopRequest } from '../sweep/events.ts';

/** What the user has asked for with signals. */
export interface Interrupt extends StopRequest {
  readonly dispose: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal asks to stop after the run in flight, the second kills that run. */
export function onInterrupt(say: (message: string) => void): Interrupt {
  const controller = new AbortController();
  let requests = 0;
  const handle = () => {
    requests++;
    if (requests === 1) say('finishing the run in flight; once more kills it');
    else controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    requested: () => requests > 0,
    abort: controller.signal,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
