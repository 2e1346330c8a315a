import { least } from '../../../extremes.ts';

/**
 * Names files by what tells their paths apart: `alice` and `bob` for `hw/alice/ipc-sweep.db` and
 * `hw/bob/ipc-sweep.db`, and for `alice.db` and `bob.db`. Different paths have different names.
 */
export function studentNames(files: readonly string[]): readonly string[] {
  const paths = files.map(partsOf);
  const plain = paths.map(withoutExtension);
  // a.db and a.sqlite differ in nothing else.
  const parts = new Set(plain.map(joined)).size === new Set(paths.map(joined)).size ? plain : paths;
  const different = parts.filter((own) => joined(own) !== joined(parts[0]!));
  const shortest = least(parts.map((own) => own.length));
  if (different.length === 0) return parts.map((own) => own.at(-1) ?? '');
  const same = (at: number) => parts.every((own) => own.at(at) === parts[0]!.at(at));
  let before = 0;
  while (before < shortest - 1 && same(before)) before++;
  let behind = 0;
  while (before + behind < shortest - 1 && same(-1 - behind)) behind++;
  return parts.map((own) => own.slice(before, own.length - behind).join('/'));
}

function partsOf(file: string): readonly string[] {
  const [first, ...others] = file.split('/').filter((part) => part !== '.' && part !== '');
  if (first === undefined) return [file];
  return [file.startsWith('/') ? `/${first}` : first, ...others];
}

function withoutExtension(parts: readonly string[]): readonly string[] {
  return parts.map((part, at) =>
    at === parts.length - 1 ? part.replace(/(?<=.)\.(db|sqlite3?)$/, '') : part,
  );
}

function joined(parts: readonly string[]): string {
  return parts.join('/');
}
