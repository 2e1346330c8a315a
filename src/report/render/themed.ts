import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from '../figure.ts';
import { configOf, type Theme } from './theme.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

/** A figure's spec with everything that decides how it looks, so that any Vega-Lite draws it alike. */
export function themedSpec(figure: Figure, theme: Theme, titled: boolean): TopLevelSpec {
  return {
    $schema: SCHEMA,
    description: figure.alt,
    ...(titled ? { title: figure.title } : {}),
    width: theme.width,
    height: Math.round(320 * theme.scale),
    autosize: { type: 'fit-x', contains: 'padding' },
    config: configOf(theme),
    ...figure.spec,
  } as TopLevelSpec;
}
