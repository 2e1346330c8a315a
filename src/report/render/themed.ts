import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../figure.ts';
import { crowdOf, labelAngle, legendColumns } from './crowding.ts';
import type { Measure } from './measure.ts';
import { configOf, type Theme } from './theme.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** Of the width of a chart, what its y axis takes at most. */
const Y_AXIS = 58;

/** A figure's spec with everything that decides how it looks, so that any Vega-Lite draws it alike. */
export function themedSpec(
  figure: Figure,
  {
    theme,
    titled,
    measure,
  }: { readonly theme: Theme; readonly titled: boolean; readonly measure: Measure },
): TopLevelSpec {
  const { ticks, legend } = crowdOf(figure.spec);
  const width = theme.width - Y_AXIS * theme.scale;
  const angle = labelAngle(ticks, { room: width / Math.max(1, ticks.length), theme, measure });
  return {
    $schema: SCHEMA,
    description: figure.alt,
    ...(titled ? { title: figure.title } : {}),
    width: theme.width,
    height: Math.round(Math.min(320 * theme.scale, theme.width * 0.55)),
    autosize: { type: 'fit-x', contains: 'padding' },
    config: configOf(theme, {
      angle,
      legendColumns: legendColumns(legend, { width, theme, measure }),
    }),
    ...figure.spec,
  } as TopLevelSpec;
}
