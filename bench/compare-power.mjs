// How often a comparison of two sweeps is wrong and how often it finds what there is, what the gate
// lets pass. Simulated.
// Usage: npm run bench:compare (after npm run build)
import { compareCells, compareSamples } from '../dist/analyse/compare.js';
import { gateOf } from '../dist/analyse/gate.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

let streams = 1000;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const logNormal = (random, deviation) => Math.exp(deviation * random.normal());

const CELLS = 10;

/** Pairs of sweeps with ten cells each, the first `changed` of which change by a factor. */
function calls({ sweeps, name, n, changed = 0, factor = 1 }) {
  const { draw } = DISTRIBUTIONS[name];
  const random = source(streams++);
  const sample = (level) => times(n, () => level * draw(random));
  let [anyFalse, falseShares, found] = [0, 0, 0];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const pairs = times(CELLS, (_, cell) => ({
      a: sample(1),
      b: sample(cell < changed ? factor : 1),
    }));
    const called = compareCells(pairs).flatMap(({ verdict }, cell) =>
      verdict === 'faster' || verdict === 'slower' ? [cell] : [],
    );
    const wrong = called.filter((cell) => cell >= changed).length;
    found += called.length - wrong;
    if (wrong > 0) {
      anyFalse++;
      falseShares += wrong / called.length;
    }
  }
  return [
    name,
    String(n),
    changed === 0 ? 'none' : `${changed} by ${percent(factor - 1, 0)}`,
    String(sweeps),
    percent(anyFalse / sweeps),
    percent(falseShares / sweeps),
    changed === 0 ? '-' : percent(found / sweeps / changed),
  ];
}

console.log(`Verdicts of two sweeps with ${CELLS} cells, 3 % of noise where normal, alpha 5 %\n`);
printTable([
  ['sample', 'n', 'cells changed', 'sweeps', 'any false call', 'false share of calls', 'found'],
  ...[
    { sweeps: 1000, name: 'normal', n: 5 },
    { sweeps: 1000, name: 'normal', n: 11 },
    { sweeps: 2000, name: 'normal', n: 30 },
    { sweeps: 1000, name: 'log-normal', n: 30 },
    { sweeps: 1000, name: 'bimodal', n: 30 },
    { sweeps: 1000, name: 'normal', n: 5, changed: 1, factor: 1.1 },
    { sweeps: 1000, name: 'normal', n: 5, changed: 10, factor: 1.1 },
    { sweeps: 1000, name: 'normal', n: 11, changed: 1, factor: 1.1 },
    { sweeps: 1000, name: 'normal', n: 30, changed: 1, factor: 1.1 },
    { sweeps: 1000, name: 'normal', n: 30, changed: 1, factor: 1.03 },
  ].map(calls),
]);

const PAIRS = 2000;
const NOISE = 0.03;

/** Shares of verdicts and gates of one cell whose ratio is known; 3 % of noise. */
function verdictsAt(n, ratio, { sessions = 0, floor = 0, inTurns = false } = {}) {
  const random = source(streams++);
  const count = new Map();
  let detectable = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const [levelA, levelB] = [logNormal(random, sessions), ratio * logNormal(random, sessions)];
    // What a block has in common, three times the noise: only who compares in turns is free of it.
    const blocks = times(n, () => (inTurns ? logNormal(random, 3 * NOISE) : 1));
    const a = blocks.map((block) => levelA * block * logNormal(random, NOISE));
    const b = blocks.map((block) => levelB * block * logNormal(random, NOISE));
    const shared = inTurns ? a.map((value, at) => ({ a: value, b: b[at] })) : undefined;
    const [cell] = compareCells([{ a, b, blocks: shared }], { equivalent: 0.05, floor });
    const add = (what) => count.set(what, (count.get(what) ?? 0) + 1);
    if (cell.verdict === 'equivalent') add('equivalent');
    if (cell.verdict === 'too few') throw new Error(`${n} runs are too few`);
    // What is said without `--equivalent`.
    if (cell.correctedP < 0.05) add(cell.ratio > 1 ? 'faster' : 'slower');
    if (gateOf(cell, 0.05).state === 'passes') add('gate passes');
    detectable += cell.detectable ?? Number.NaN;
  }
  const share = (what) => (count.get(what) ?? 0) / PAIRS;
  return {
    called: share('faster') + share('slower'),
    slower: share('slower'),
    equivalent: share('equivalent'),
    passes: share('gate passes'),
    detectable: detectable / PAIRS,
  };
}

const SIZES = times(26, (_, at) => at + 5);

console.log(
  `\nOne cell, ${percent(NOISE, 0)} of noise, ${PAIRS} pairs each: what is called, found and equivalent\n`,
);
printTable([
  [
    'n',
    'false call',
    'could find',
    'found then',
    'equivalent, no change',
    'equivalent, 5 % slower',
  ],
  ...SIZES.map((n) => {
    const same = verdictsAt(n, 1);
    const shifted = verdictsAt(n, 1 - same.detectable);
    return [
      String(n),
      percent(same.called),
      percent(same.detectable),
      percent(shifted.slower),
      percent(same.equivalent),
      percent(verdictsAt(n, 0.95).equivalent),
    ];
  }),
]);

const GATED = 8;
console.log(
  `\nThe gate --fail-if-slower 5%, ${percent(NOISE, 0)} of noise, ${PAIRS} pairs each; right: all of ${GATED} unchanged cells pass\n`,
);
printTable([
  [
    'n',
    'passes: no change',
    '2.5 % slower',
    '5 % slower',
    '10 % slower',
    'a tenth',
    `${GATED} cells`,
  ],
  ...SIZES.map((n) => {
    const passes = (ratio) => verdictsAt(n, ratio).passes;
    const unchanged = passes(1);
    return [
      String(n),
      percent(unchanged),
      percent(passes(0.975)),
      percent(passes(0.95)),
      percent(passes(0.9)),
      percent(passes(0.1)),
      percent(allPass(n, GATED)),
    ];
  }),
]);

/** Share of comparisons in which every one of some unchanged cells passes. */
function allPass(n, cells, noise = NOISE) {
  const random = source(streams++);
  const rounds = 1000;
  let passed = 0;
  for (let round = 0; round < rounds; round++) {
    const pairs = times(cells, () => ({
      a: times(n, () => logNormal(random, noise)),
      b: times(n, () => logNormal(random, noise)),
    }));
    if (compareCells(pairs).every((cell) => gateOf(cell, 0.05).state === 'passes')) passed++;
  }
  return passed / rounds;
}

const NOISES = [0.01, 0.02, 0.03, 0.05];
console.log(`\nAll of ${GATED} unchanged cells pass the gate of 5 %, by the noise\n`);
printTable([
  ['n', ...NOISES.map((noise) => percent(noise, 0))],
  ...[5, 7, 11, 15, 20, 30].map((n) => [
    String(n),
    ...NOISES.map((noise) => percent(allPass(n, GATED, noise))),
  ]),
]);

console.log(
  '\nFalse calls of one unchanged cell between two sessions of a machine, 30 runs a side\n',
);
printTable([
  ['sessions differ by', 'not told', 'floor told', 'gate of 5 % passes', 'floor told'],
  ...[0, 0.01, 0.02, 0.05].map((sessions) => {
    const [unknown, told] = [0, sessions].map((floor) => verdictsAt(30, 1, { sessions, floor }));
    return [sessions, unknown.called, told.called, unknown.passes, told.passes].map((share) =>
      percent(share),
    );
  }),
]);

console.log(
  '\nBlocks that differ by 9 %, 3 % of noise within them: a cell that is 5 % slower is found\n',
);
printTable([
  ['n', 'false call, paired', 'found, paired', 'found, unpaired'],
  ...[6, 8, 11, 15, 20, 30].map((n) => [
    String(n),
    percent(verdictsAt(n, 1, { inTurns: true }).called),
    percent(verdictsAt(n, 0.95, { inTurns: true }).slower),
    percent(unpairedFinds(n)),
  ]),
]);

/** Works like {@link verdictsAt} in turns, with a comparison that does not know the blocks. */
function unpairedFinds(n) {
  const random = source(streams++);
  let found = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const blocks = times(n, () => logNormal(random, 3 * NOISE));
    const a = blocks.map((block) => block * logNormal(random, NOISE));
    const b = blocks.map((block) => 0.95 * block * logNormal(random, NOISE));
    const compared = compareSamples({ a, b });
    if (compared && compared.high < 1) found++;
  }
  return found / PAIRS;
}

/**
 * Several sides of ten cells against one base, whose runs stand in every pair: any false call, the
 * false share of the calls, and how many of the changed cells are found. The last `changed` sides
 * are slower by 10 %.
 */
function againstOneBase({ sides, changed = 0, n = 11, comparisons = 1000 }) {
  const random = source(streams++);
  const sample = (level) => times(n, () => level * logNormal(random, NOISE));
  let [anyFalse, falseShares, found] = [0, 0, 0];
  for (let comparison = 0; comparison < comparisons; comparison++) {
    const pairs = times(CELLS, () => sample(1)).flatMap((a) =>
      times(sides, (_, side) => ({ a, b: sample(side >= sides - changed ? 0.9 : 1) })),
    );
    const called = compareCells(pairs).flatMap(({ verdict }, at) =>
      verdict === 'faster' || verdict === 'slower' ? [at % sides >= sides - changed] : [],
    );
    const wrong = called.filter((right) => !right).length;
    found += called.length - wrong;
    if (wrong > 0) {
      anyFalse++;
      falseShares += wrong / called.length;
    }
  }
  return [
    String(sides),
    changed === 0 ? 'none' : String(changed),
    String(comparisons),
    percent(anyFalse / comparisons),
    percent(falseShares / comparisons),
    changed === 0 ? '-' : percent(found / comparisons / changed / CELLS),
  ];
}

console.log(
  `\nSeveral sides against one base, ${CELLS} cells, 11 runs, 3 % of noise, alpha 5 % over all pairs\n`,
);
printTable([
  ['sides', '10 % slower', 'comparisons', 'any false call', 'false share of calls', 'found'],
  ...[
    { sides: 1 },
    { sides: 2 },
    { sides: 4 },
    { sides: 9 },
    { sides: 29 },
    { sides: 4, changed: 1 },
    { sides: 9, changed: 1 },
    { sides: 9, changed: 8 },
    { sides: 29, changed: 10 },
  ].map(againstOneBase),
]);
