/** A folded stack, `root;caller;function`, and how many samples have found it on each side. */
export interface SampledStack {
  readonly stack: string;
  /** One number for each side: one side for a flame graph, two for a differential one. */
  readonly samples: readonly number[];
}

/** A function as it was called by one chain of callers: a box of a flame graph. */
export interface Frame {
  readonly name: string;
  /** The number of its callers: 0 for a root. */
  readonly depth: number;
  /** Its left edge, from 0; the graph as a whole is {@link FlameTree.width} wide. */
  readonly start: number;
  readonly width: number;
  /** The samples in it and in what it called, on each side. */
  readonly samples: readonly number[];
  /** Those of them in the function itself. */
  readonly own: readonly number[];
}

/** The boxes of a flame graph: callers before what they called, and from left to right. */
export interface FlameTree {
  readonly frames: readonly Frame[];
  readonly width: number;
  /** All samples of each side. */
  readonly totals: readonly number[];
  /** The number of boxes on top of each other. */
  readonly height: number;
}

interface Node {
  readonly samples: number[];
  readonly own: number[];
  readonly callees: Map<string, Node>;
}

/**
 * Lays stacks out as a flame graph (Gregg, "The Flame Graph", CACM 59(6), 2016): equal callers are
 * merged, and functions beside each other are sorted by name, so the order says nothing about time.
 *
 * With one side, widths are samples. With several, each side counts as much as any other, however
 * many samples it has: a width is the mean of the shares, in units in which it is a whole number.
 * So a function that only one side has is still there to be seen.
 * @param stacks equal ones are added up
 * @param sides the number of sides; every side needs a sample
 */
export function flameTree(stacks: Iterable<SampledStack>, sides: number): FlameTree {
  const root = emptyNode(sides);
  for (const { stack, samples } of stacks) {
    let node = root;
    addTo(node.samples, samples);
    for (const name of stack.split(';')) {
      let callee = node.callees.get(name);
      if (!callee) {
        callee = emptyNode(sides);
        node.callees.set(name, callee);
      }
      node = callee;
      addTo(node.samples, samples);
    }
    addTo(node.own, samples);
  }
  const totals = root.samples;
  const units = totals.map((_, side) => product(totals.filter((_, other) => other !== side)));
  const widthOf = (samples: readonly number[]) =>
    samples.reduce((sum, count, side) => sum + count * units[side]!, 0);
  const frames: Frame[] = [];
  // A stack may be as deep as its text is long, so this does not recurse.
  const open: { node: Node; depth: number; start: number }[] = [{ node: root, depth: 0, start: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    let { start } = next;
    const callees = [...next.node.callees].sort(([a], [b]) => (a < b ? -1 : 1));
    const placed = callees.map(([name, node]) => {
      const width = widthOf(node.samples);
      const { samples, own } = node;
      const frame: Frame = { name, depth: next.depth, start, width, samples, own };
      start += width;
      return { frame, node };
    });
    frames.push(...placed.map(({ frame }) => frame));
    for (const { frame, node } of placed.reverse()) {
      open.push({ node, depth: frame.depth + 1, start: frame.start });
    }
  }
  const height = frames.reduce((most, { depth }) => Math.max(most, depth + 1), 0);
  return { frames, width: widthOf(totals), totals, height };
}

function emptyNode(sides: number): Node {
  const none = () => Array.from({ length: sides }, () => 0);
  return { samples: none(), own: none(), callees: new Map() };
}

function addTo(sums: number[], samples: readonly number[]): void {
  for (const side of sums.keys()) sums[side]! += samples[side] ?? 0;
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((result, number) => result * number, 1);
}

/** How many samples have found a function on the stack, whoever had called it. */
export interface FunctionSamples {
  readonly name: string;
  /** A sample counts once, also if the function had called itself. */
  readonly samples: readonly number[];
  /** Samples in the function itself. */
  readonly own: readonly number[];
}

/** The functions of some stacks, in no order. */
export function functionsOf(
  stacks: Iterable<SampledStack>,
  sides: number,
): readonly FunctionSamples[] {
  const found = new Map<string, Node>();
  for (const { stack, samples } of stacks) {
    const names = stack.split(';');
    for (const name of new Set(names)) {
      const known = found.get(name) ?? emptyNode(sides);
      found.set(name, known);
      addTo(known.samples, samples);
      if (name === names.at(-1)) addTo(known.own, samples);
    }
  }
  return [...found].map(([name, { samples, own }]) => ({ name, samples, own }));
}

/**
 * How far the share of a function has moved from the first side to the second, in standard errors
 * of the difference of two proportions (pooled). Samples a millisecond apart depend on each other,
 * so the true error is rather greater.
 * @returns 0 if nothing is known
 */
export function shiftInErrors(samples: readonly number[], totals: readonly number[]): number {
  const [a = 0, b = 0] = samples;
  const [all = 0, others = 0] = totals;
  const pooled = (a + b) / (all + others);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / all + 1 / others));
  return error > 0 ? (b / others - a / all) / error : 0;
}
