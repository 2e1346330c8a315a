/**
 * How to name the sides of a comparison; not beside the code that reads them: it is needed early.
 */
export const SELECTOR_HINT =
  'name a sweep, a database, or cells, joined by colons: quickstart-1, old.db, ipc=local, old.db:quickstart-1:ipc=pipe';
