import { pipeDwell } from '../instruments/pipe-dwell/instrument.ts';
import type { Figure } from './figure.ts';
import { bandwidthFigures } from './figures/bandwidth.ts';
import { causeAndEffectFigures } from './figures/cause-and-effect.ts';
import { counterFigures } from './figures/counters.ts';
import { CHARTS_OF_INSTRUMENTS } from './figures/instruments.ts';
import { ioSizeFigures } from './figures/io-sizes.ts';
import { nameHosts } from './figures/name-hosts.ts';
import { pipeDwellFigures } from './figures/pipe-dwell.ts';
import { pipeStateFigures } from './figures/pipe-states.ts';
import { pipeTransitionFigures } from './figures/pipe-transitions.ts';
import { probeEffectFigures } from './figures/probe-effect.ts';
import { runOrderFigures } from './figures/run-order.ts';
import type { FigureSources } from './figures/sources.ts';
import { syscallFigures } from './figures/syscalls.ts';

/** The makers of the figures, by the word with which the figures' names begin. */
const MAKERS: Readonly<Record<string, (sources: FigureSources) => readonly Figure[]>> = {
  'cause-and-effect': causeAndEffectFigures,
  bandwidth: bandwidthFigures,
  'probe-effect': probeEffectFigures,
  syscalls: syscallFigures,
  'pipe-states': pipeStateFigures,
  [pipeDwell.name]: pipeDwellFigures,
  'pipe-transitions': pipeTransitionFigures,
  'io-sizes': ioSizeFigures,
  ...CHARTS_OF_INSTRUMENTS,
  counters: counterFigures,
  'run-order': runOrderFigures,
};

/** The words with which the names of figures begin; each chooses all figures of its kind. */
export const FIGURE_NAMES: readonly string[] = Object.keys(MAKERS);

/** The charts of one sweep, in the order that suits a reader. A chart without data is left out. */
export function sweepFigures(results: FigureSources): readonly Figure[] {
  return Object.values(MAKERS)
    .flatMap((make) => make(results))
    .map(nameHosts(results.summaries.map(({ cell }) => cell)));
}
