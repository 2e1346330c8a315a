/**
 * The hint about the names of sides. It is apart from the code that reads them, because it is
 * needed early.
 */
export const SELECTOR_HINT =
  'name a sweep, a database, or cells, joined by colons: quickstart-1, old.db, ipc=local, old.db:quickstart-1:ipc=pipe';
