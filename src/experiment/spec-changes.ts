import { UserError } from '../errors.ts';
import { editedYaml } from './edited-yaml.ts';
import { allOf, formatPath, joinProblems, type Place } from './problems.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** A change that an option of the command line makes to a spec. */
export interface SpecChange {
  /** The option, such as `--set`. */
  readonly option: string;
  /** The word after it, as the user typed it; empty for a switch. */
  readonly written: string;
  /** The keys and indexes that lead to the changed value. */
  readonly path: readonly PropertyKey[];
  readonly value:
    | {
        readonly kind: 'yaml';
        readonly text: string;
        /** The place of `text` in `written`; -1 if `text` has one more character before it. */
        readonly at: number;
      }
    | { readonly kind: 'given'; readonly value: unknown }
    /** A whole number that a smaller one in the spec stands for. */
    | { readonly kind: 'at-most'; readonly most: number };
}

const SETTING_HINT =
  'write PATH=VALUE, such as trace.tracer=none or matrix.exclude[0].ipc=tcp; the value is YAML';

/**
 * Reads the word after `--set`: a path into the spec, an equals sign, and a value in YAML.
 * @throws UserError when it is not of this form
 */
export function parseSetting(written: string): SpecChange {
  const refuse = (why: string) =>
    new UserError(`--set ${JSON.stringify(written)}: ${why}`, { hint: SETTING_HINT });
  const equals = written.indexOf('=');
  if (equals === -1) throw refuse('expected an equals sign after the path');
  const path = parsePath(written.slice(0, equals));
  if (path === undefined) throw refuse('expected keys joined by dots');
  const text = written.slice(equals + 1);
  if (text.trim() === '') throw refuse('expected a value after the equals sign');
  return { option: '--set', written, path, value: { kind: 'yaml', text, at: equals + 1 } };
}

/** Reads a path as messages write it: `matrix.exclude[0].ipc`. */
function parsePath(text: string): readonly PropertyKey[] | undefined {
  if (!/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*|\[\d{1,5}\])*$/.test(text)) return undefined;
  return [...text.matchAll(/[\w-]+/g)].map(([step], at) =>
    at > 0 && /^\d+$/.test(step) ? Number(step) : step,
  );
}

/** A change with the value that it puts into a spec, and the places of its parts. */
interface Applied {
  readonly change: SpecChange;
  readonly source: YamlSource | undefined;
}

/**
 * Applies changes to a spec that has been read; the last one of a path counts. The result knows the
 * place of every value: in the spec, or in the option that has set it.
 * @throws UserError when a value is not YAML
 */
export function withChanges(base: YamlSource, changes: readonly SpecChange[]): YamlSource {
  let value = base.value;
  const applied: Applied[] = [];
  for (const change of changes) {
    const source = change.value.kind === 'yaml' ? readValue(change, change.value) : undefined;
    // Anything else at the top is reported as it stands.
    if (isMapping(base.value)) {
      value = withValue(value, change, 0, (old) => newValue(change, old, source));
    }
    applied.push({ change, source });
  }
  const latest = applied.toReversed();
  /** Finds the change in which a path lies, or else one that has changed a part of its value. */
  const changeOf = (path: readonly PropertyKey[]) =>
    latest.find(({ change }) => begins(path, change.path)) ??
    (path.length > 0 ? latest.find(({ change }) => begins(change.path, path)) : undefined);
  return {
    value,
    problems: joinProblems([
      base.problems,
      ...applied.map(({ change, source }) =>
        allOf((source?.problems.drawn ?? []).map((it) => ({ ...it, ...wholeOf(change) }))),
      ),
    ]),
    locate(path, part) {
      const found = changeOf(path);
      if (!found) return base.locate(path, part);
      const { change, source } = found;
      const inside = path.slice(change.path.length);
      const own = inside.length > 0 || (part === 'value' && path.length === change.path.length);
      if (change.value.kind !== 'yaml' || !source || !own) return wholeOf(change);
      return shifted(source.locate(inside, part), change, change.value.at);
    },
    locateWithin(path, at, length) {
      const found = changeOf(path);
      if (!found) return base.locateWithin(path, at, length);
      const { change, source } = found;
      if (change.value.kind === 'given' && change.value.value === change.written) {
        return shifted({ offset: at, length: Math.max(1, length) }, change, 0);
      }
      if (change.value.kind !== 'yaml' || !source) return undefined;
      const inside = source.locateWithin(path.slice(change.path.length), at, length);
      return inside && shifted(inside, change, change.value.at);
    },
    written(path) {
      const found = changeOf(path);
      if (!found) return base.written(path);
      const { change, source } = found;
      if (path.length < change.path.length) return base.written(path) ?? 'a mapping';
      return source ? source.written(path.slice(change.path.length)) : change.written;
    },
  };
}

/** The place of everything that the user typed for a change. */
function wholeOf({ option, written }: SpecChange): Place {
  const text = written === '' ? option : written;
  return { offset: 0, length: text.length, origin: { name: option, text } };
}

function shifted(place: Place, { option, written }: SpecChange, by: number): Place {
  const offset = Math.max(0, place.offset + by);
  return { ...place, offset, origin: { name: option, text: written } };
}

function readValue(
  { option, written }: SpecChange,
  { text }: { readonly text: string },
): YamlSource {
  const read = readYaml(text);
  if (read.state === 'ok') return read.source;
  const [first] = read.problems.drawn;
  throw new UserError(
    `${option} ${JSON.stringify(written)}: ${first?.message ?? 'it is not valid YAML'}`,
    {
      hint: option === '--set' ? SETTING_HINT : 'docs/spec.md explains every key',
    },
  );
}

function newValue({ value }: SpecChange, old: unknown, source: YamlSource | undefined): unknown {
  switch (value.kind) {
    case 'yaml':
      return source?.value;
    case 'given':
      return value.value;
    case 'at-most':
      return typeof old === 'number' && old < value.most ? old : value.most;
  }
}

/** Returns a copy with another value at the path of a change. @throws UserError for a wrong path */
function withValue(
  whole: unknown,
  change: SpecChange,
  at: number,
  valueFor: (old: unknown) => unknown,
): unknown {
  const step = change.path[at];
  if (step === undefined) return valueFor(whole);
  const inside = (old: unknown) => withValue(old, change, at + 1, valueFor);
  const refuse = (why: string) =>
    new UserError(`${change.option} ${JSON.stringify(change.written)}: ${why}`, {
      hint: SETTING_HINT,
    });
  const parent = formatPath(change.path.slice(0, at));
  if (typeof step === 'number') {
    if (whole !== undefined && !Array.isArray(whole)) throw refuse(`${parent} is not a list`);
    const list: unknown[] = [...(whole ?? [])];
    if (step > list.length) {
      throw refuse(`${parent} has ${list.length} entries, and [${list.length}] would be the next`);
    }
    list[step] = inside(list[step]);
    return list;
  }
  const key = String(step);
  if (whole !== undefined && !isMapping(whole))
    throw refuse(`${parent} is not a mapping in the spec`);
  const map = whole ?? {};
  return { ...map, [key]: inside(Object.hasOwn(map, key) ? map[key] : undefined) };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the text of a spec with changes. @param value the whole spec with the changes */
export function changedText(text: string, value: unknown, changes: readonly SpecChange[]): string {
  const edits = changes.map(({ path }) => ({ path, value: valueAt(value, path) }));
  return editedYaml(text, edits, value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)?.[step], value);
}

/** Whether a path begins with another one. */
function begins(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.length <= path.length && start.every((step, at) => step === path[at]);
}
