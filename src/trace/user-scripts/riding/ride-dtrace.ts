import { readScript } from '../d-script.ts';
import type { Token } from '../d-tokens.ts';
import { closing } from '../key-kinds.ts';
import type { UserScript } from '../user-script.ts';
import { type Clause, type Declaration, parsedScript } from './clauses.ts';
import {
  CannotRide,
  conditionOf,
  type Edit,
  fittedOr,
  type Piece,
  pieceOf,
  type Refusal,
  type RidingScript,
} from './piece.ts';
import { declaredNames, type Global, globalsOf, isBegin } from './variables.ts';

/** The probe on which a session prints the scripts' results. */
export const AT_END = {
  asked: 'syscall::getpriority:entry',
  ticks: 'profile:::tick-50hz',
} as const;
const AT_START = 'proc:::exec-success';

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['exit', 'would end the session'],
  ...['system', 'stop', 'raise', 'copyout', 'copyoutstr', 'breakpoint', 'panic', 'chill'].map(
    (name) => [name, 'does more than look'] as const,
  ),
  ...['freopen', 'ftruncate', 'setopt'].map((name) => [name, 'changes the session'] as const),
  ...['speculate', 'speculation', 'commit', 'discard'].map(
    (name) => [name, 'keeps its texts back'] as const,
  ),
]);
const PRINTS = new Set(['printf', 'print', 'trace', 'tracemem', 'stack', 'ustack', 'jstack']);
/** These change what an aggregation shows, and belong to its results. */
const AT_END_ONLY = new Set(['printa', 'trunc', 'clear', 'normalize', 'denormalize']);

/**
 * Fits a D script into the session's program. Its variables and aggregations get names of their
 * own, each clause that prints puts marks around what it prints, and every clause looks whether a
 * run is on. BEGIN and END become clauses at the start and at the end of a run. Its aggregations
 * are printed by the session, so that printa() in END falls away.
 * @param end the probe on which the session prints
 */
export function rideDtrace(
  script: UserScript,
  number: number,
  end: keyof typeof AT_END,
): RidingScript | Refusal {
  return fittedOr(script, (own) => fitted(own, number, end));
}

function fitted(script: UserScript, number: number, atEnd: keyof typeof AT_END): RidingScript {
  const { text } = script;
  const prefix = `s${number}_`;
  const { items, edits: removed } = parsedScript(text);
  const globals = globalsOf(items);
  const declarations: Piece[] = [];
  const begin: Piece[] = [];
  const probes: Piece[] = [];
  const end: Piece[] = [];
  let prints = false;
  for (const item of items) {
    const range = [item.from, item.to] as const;
    const names = renamed(item, globals, prefix);
    if (item.kind === 'declaration') {
      declarations.push(pieceOf(text, range, [...removed, ...names]));
      continue;
    }
    const kind = kindOf(item);
    requireRideable(item, kind);
    const [probe, condition] = CONDITIONS[kind];
    const edits = [
      ...removed,
      ...(printsIn(item) ? marked(item, kind, number) : []),
      ...conditionOf(item, kind === 'END' ? AT_END[atEnd] : probe, condition),
      ...(kind === 'END' ? withoutPrinta(text, item) : []),
      ...names,
    ];
    prints ||= printsIn(item);
    (kind === 'BEGIN' ? begin : kind === 'END' ? end : probes).push(pieceOf(text, range, edits));
  }
  return {
    ...{ script, prefix, end, probes, prints, countsTexts: prints },
    begin: [...declarations, ...firstValues(globals, prefix), ...begin],
    aggregations: readScript(text).aggregations.map(({ name }) => (name === '_' ? '' : name)),
    ...{ clauses: [], printsUncounted: false, printsUnmarked: false, endsWithExit: true },
  };
}

type Kind = 'BEGIN' | 'END' | 'interval' | 'other';

const CONDITIONS: Readonly<Record<Kind, readonly [string | undefined, string]>> = {
  BEGIN: [AT_START, 'self->scripts_opening'],
  END: [undefined, 'scripts_closing'],
  interval: [undefined, 'scripts_window'],
  other: [undefined, 'scripts_window'],
};

function kindOf({ descriptions, pointsFrom }: Clause): Kind {
  const isEnd = descriptions.some((probe) => /^(?:dtrace)?:{0,3}END$/.test(probe));
  if (descriptions.some((probe) => /^(?:dtrace)?:{0,3}ERROR$/.test(probe))) {
    throw new CannotRide(pointsFrom, 'ERROR would hold for the whole session');
  }
  if (isEnd || isBegin(descriptions)) {
    if (descriptions.length === 1) return isEnd ? 'END' : 'BEGIN';
    throw new CannotRide(pointsFrom, 'BEGIN and END must stand alone');
  }
  const isTick = descriptions.some((probe) => /(?:^|:)(?:tick|profile)-/.test(probe));
  return isTick ? 'interval' : 'other';
}

const isCall = (tokens: readonly Token[], index: number) =>
  tokens[index]?.kind === 'word' && tokens[index + 1]?.text === '(';

/** Whether a call is a statement, and not part of an expression. */
function isStatement(body: readonly Token[], index: number): boolean {
  if (!isCall(body, index)) return false;
  const before = body[index - 1];
  return before === undefined || /^[;{})]$/.test(before.text) || before.text === 'else';
}

function printsIn({ body }: Clause): boolean {
  if (body.length === 0) return true;
  return body.some(({ text }, index) => PRINTS.has(text) && isStatement(body, index));
}

function requireRideable(clause: Clause, kind: Kind): void {
  const { body, tokens } = clause;
  const macro = tokens.find(({ kind, text }) => kind === 'word' && text.startsWith('$'));
  if (macro) throw new CannotRide(macro.at, `${macro.text} is not set there`);
  for (const [index, { text, at }] of tokens.entries()) {
    if (!isCall(tokens, index)) continue;
    const refused = REFUSED.get(text);
    if (refused !== undefined) throw new CannotRide(at, `${text}() ${refused}`);
    if (AT_END_ONLY.has(text) && kind !== 'END') {
      throw new CannotRide(at, `${text}() during a run, and not in END`);
    }
    if (kind === 'interval' && PRINTS.has(text) && tokens[index - 1]?.text !== '[') {
      throw new CannotRide(at, `${text}() at intervals of its own`);
    }
  }
  const late = kind === 'END' ? aggregated(body) : undefined;
  if (late) {
    throw new CannotRide(late.at, `${late.text} in END: it would be printed with the next run`);
  }
  const condition = body.find(({ kind, text }) => kind === 'word' && text === 'if');
  if (condition && printsIn(clause)) {
    throw new CannotRide(condition.at, 'if in a clause that prints');
  }
}

/**
 * The first aggregation that is given a value. libdtrace reads the aggregations before it prints
 * what a tick asks for, so a value that is added in that tick may only be read with the next one.
 */
function aggregated(body: readonly Token[]): Token | undefined {
  return body.find(({ kind }, index) => {
    const next = body[index + 1]?.text === '[' ? closing(body, index + 1) + 1 : index + 1;
    return kind === 'aggregation' && body[next]?.text === '=';
  });
}

function renamed(
  item: Clause | Declaration,
  variables: readonly Global[],
  prefix: string,
): readonly Edit[] {
  const { tokens } = item;
  const globals = new Set(variables.map(({ name }) => name));
  const declared = new Set(item.kind === 'declaration' ? declaredNames(item) : []);
  return tokens.flatMap((token, index): readonly Edit[] => {
    const { kind, text, at } = token;
    if (kind === 'aggregation') return [{ at: at + 1, end: at + 1, text: prefix }];
    if (kind !== 'word') return [];
    const [scope, arrow] = [tokens[index - 2]?.text, tokens[index - 1]?.text];
    const isLocal = arrow === '->' && (scope === 'self' || scope === 'this');
    const isMember = arrow === '->' || arrow === '.' || arrow === '`';
    const isTag = /^(?:struct|union|enum)$/.test(arrow ?? '');
    const isGlobal = globals.has(text) && !isMember && !isTag;
    if (!isLocal && !isGlobal && !declared.has(token)) return [];
    return [{ at, end: at, text: prefix }];
  });
}

/**
 * Puts marks around what a clause prints, and counts that it did. END is not counted: its text stands
 * right before the results, and its count might only be read with those of the next run.
 */
function marked({ body, bodyFrom, bodyTo, descriptions }: Clause, kind: Kind, number: number) {
  const probe = kind === 'BEGIN' || kind === 'END' ? `:${kind}` : onlyProbe(descriptions);
  const format = `\\nscript ${number} ${probe ?? '%s:%s'}\\n`;
  const names = probe === undefined ? ', probefunc, probename' : '';
  const counted = kind === 'END' ? '' : ' @scripts_texts = count();';
  const last = body.at(-1);
  const edits: Edit[] = [
    {
      at: bodyFrom,
      end: bodyFrom,
      text: `${counted} printf("${format}"${names});`,
    },
    {
      at: bodyTo,
      end: bodyTo,
      text: `${last && last.text !== ';' ? '; ' : ''}printf("\\nendscript\\n"); `,
    },
  ];
  // Without -q, a blank stands between the values of two traces.
  for (const [index, { text, at }] of body.entries()) {
    if (text !== 'trace' || !isStatement(body, index)) continue;
    edits.push({ at, end: at, text: 'printf(" "); ' });
  }
  return edits;
}

/** Returns `function:name` if only one probe can have it; undefined if it has to be asked. */
function onlyProbe(descriptions: readonly string[]): string | undefined {
  const [only = '', ...others] = descriptions;
  const [called, probe] = only.split(':').slice(-2);
  const isPlain = /^[\w.-]+$/.test(called ?? '') && /^[\w-]+$/.test(probe ?? '');
  return others.length === 0 && isPlain ? `${called}:${probe}` : undefined;
}

function withoutPrinta(text: string, { body }: Clause): readonly Edit[] {
  return body.flatMap((token, index): readonly Edit[] => {
    if (token.text !== 'printa' || !isStatement(body, index)) return [];
    const close = body[closing(body, index + 1)];
    const after = body[closing(body, index + 1) + 1];
    const end = after?.text === ';' ? after.end : (close?.end ?? token.end);
    const lines = text.slice(token.at, end).split('\n').length - 1;
    return [{ at: token.at, end, text: '\n'.repeat(lines) }];
  });
}

/** Gives each variable the value that it has when a script is attached. */
function firstValues(globals: readonly Global[], prefix: string): readonly Piece[] {
  const lines = globals.flatMap(({ name, first }) =>
    first === undefined ? [] : [`\t${prefix}${name} = ${first};`],
  );
  if (lines.length === 0) return [];
  return [
    { line: 0, text: [`${AT_START}`, '/self->scripts_opening/', '{', ...lines, '}'].join('\n') },
  ];
}
