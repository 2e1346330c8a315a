import { forgetTroubles, noteTrouble } from '../store/host-progress.ts';
import type { Db } from '../store/open.ts';
import type { Report } from './events.ts';

/** Stores the troubles of hosts, for anyone watching from elsewhere, and passes all events on. */
export function storingHostTrouble(db: Db, sweepId: number, report: Report): Report {
  forgetTroubles(db, sweepId);
  return (event) => {
    if (event.kind === 'host-gone') {
      noteTrouble(db, sweepId, event.host, { state: 'gone', reason: event.reason });
    } else if (event.kind === 'host-away') {
      noteTrouble(db, sweepId, event.host, { state: 'away', reason: event.reason });
    } else if (event.kind === 'host-back') noteTrouble(db, sweepId, event.host, undefined);
    report(event);
  };
}
