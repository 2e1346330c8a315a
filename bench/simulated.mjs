// Samples of known distributions, the same in every run, for what simulates.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { normalCdf } from '../dist/analyse/normal.js';
import { mixedSeed } from '../dist/plan/seed.js';

/** Standard normal numbers and uniform ones between 0 and 1, of one stream of the seed 1. */
export function source(stream) {
  const generator = xoroshiro128plus(mixedSeed(1, stream));
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

export const times = (count, make) => Array.from({ length: count }, make);

/** 70 % of the runs around 1000, 30 % around 800, each with 1 % of noise. */
const bimodalShare = (x) => 0.7 * normalCdf((x - 1000) / 10) + 0.3 * normalCdf((x - 800) / 8);

function bimodalMedian() {
  let [low, high] = [800, 1000];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (bimodalShare(middle) < 0.5) low = middle;
    else high = middle;
  }
  return low;
}

/** The distributions from which a run's bandwidth may be drawn, each with its true median. */
export const DISTRIBUTIONS = {
  normal: { median: 1000, draw: ({ normal }) => 1000 * (1 + 0.03 * normal()) },
  'log-normal': { median: 1000, draw: ({ normal }) => 1000 * Math.exp(0.3 * normal()) },
  bimodal: {
    median: bimodalMedian(),
    draw: ({ uniform, normal }) => (uniform() < 0.7 ? 1000 + 10 * normal() : 800 + 8 * normal()),
  },
  /** Student's t with 2 degrees of freedom: its variance is infinite. */
  heavy: {
    median: 1000,
    draw: ({ uniform, normal }) => 1000 * (1 + (0.03 * normal()) / Math.sqrt(-Math.log(uniform()))),
  },
};
