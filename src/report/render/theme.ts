import type { Config } from 'vega-lite';
import { PLAIN, STRIKING } from '../looks.ts';
import { FONT_FAMILY } from './fonts.ts';

export const THEMES = ['screen', 'print'] as const;
export type ThemeName = (typeof THEMES)[number];

/** Lengths of a theme, in its unit: pixels on a screen, points on paper. */
export interface Theme {
  readonly name: ThemeName;
  readonly fontSize: number;
  /** The length of one screen pixel. */
  readonly scale: number;
  readonly width: number;
  readonly unit: 'px' | 'pt';
}

const POINTS_PER_MM = 72 / 25.4;
/** Widths of one column of a two-column paper, and of both. */
const COLUMNS_MM = { 1: 84, 2: 178 } as const;

export function columnWidth(columns: 1 | 2): number {
  return COLUMNS_MM[columns] * POINTS_PER_MM;
}

export function themeOf(name: ThemeName, width?: number): Theme {
  return name === 'screen'
    ? { name, fontSize: 12, scale: 1, width: width ?? 720, unit: 'px' }
    : { name, fontSize: 7.5, scale: 0.625, width: width ?? columnWidth(1), unit: 'pt' };
}

/** The size of a title's letters, as a multiple of others. */
export const LARGER = 1.15;

/** The colours of all that is not data, on white paper. */
const [PAPER, INK, FAINT, GRID, RULE] = ['#ffffff', '#222222', '#8a8a8a', '#e6e6e6', '#555555'];

/**
 * The colours of a chart that would not be seen on a dark page, each with the one that replaces it
 * there. Data keep their colours, but for black lines, and so does text on areas.
 */
export const ON_DARK: readonly {
  readonly attribute: 'fill' | 'stroke';
  readonly light: string;
  readonly dark: string;
}[] = [
  { attribute: 'fill', light: INK, dark: '#e4e6e8' },
  { attribute: 'stroke', light: FAINT, dark: '#7d8590' },
  { attribute: 'stroke', light: GRID, dark: '#2d333a' },
  { attribute: 'stroke', light: RULE, dark: '#b0b6bd' },
  { attribute: 'fill', light: PLAIN, dark: '#ffffff' },
  { attribute: 'stroke', light: PLAIN, dark: '#ffffff' },
  // Outlines of areas, and what keeps labels apart from rules behind them.
  { attribute: 'stroke', light: PAPER, dark: '#15181c' },
];

export interface LabelFit {
  /** The angle in degrees by which the labels of an axis must be turned to fit beside each other. */
  readonly angle: 0 | -45 | -90;
  /** Whether they then fit: otherwise some must be left out. */
  readonly allFit: boolean;
}

export interface Fitted {
  /** How the labels of a size axis fit. */
  readonly labels: LabelFit;
  readonly legendColumns: number;
  /** Width of a bar or a field; a number such as 100 is only written if it fits. */
  readonly segmentRoom: number;
}

export function configOf(
  { fontSize, scale, name }: Theme,
  { labels: { angle, allFit }, legendColumns, segmentRoom }: Fitted,
): Config {
  const small = fontSize * (name === 'print' ? 14 / 15 : 11 / 12);
  const faint = name === 'print' ? '#666666' : FAINT;
  const thin = 0.8 * scale;
  return {
    background: PAPER,
    padding: 4 * scale,
    font: FONT_FAMILY,
    aria: true,
    view: { stroke: null },
    axis: {
      labelFontSize: small,
      titleFontSize: fontSize,
      titleFontWeight: 'normal',
      labelColor: INK,
      titleColor: INK,
      domainColor: faint,
      domainWidth: thin,
      tickColor: faint,
      tickWidth: thin,
      tickSize: 4 * scale,
      labelPadding: 3 * scale,
      titlePadding: 7 * scale,
      gridColor: GRID,
      gridWidth: thin,
    },
    axisX: { grid: false },
    axisY: { grid: name === 'screen', tickCount: 5 },
    header: {
      labelFontSize: fontSize,
      labelColor: INK,
      labelPadding: 4 * scale,
      title: null,
    },
    legend: {
      orient: 'bottom',
      direction: 'horizontal',
      columns: legendColumns,
      labelFontSize: small,
      labelColor: INK,
      labelLimit: 0,
      titleFontSize: fontSize,
      titleFontWeight: 'normal',
      symbolSize: 90 * scale * scale,
      symbolStrokeWidth: 1.8 * scale,
      offset: 10 * scale,
      padding: 0,
      columnPadding: 14 * scale,
      rowPadding: 3 * scale,
    },
    title: {
      fontSize: fontSize * LARGER,
      fontWeight: 'bold',
      color: INK,
      subtitleColor: INK,
      subtitleFontSize: fontSize,
      anchor: 'start',
      offset: 10 * scale,
    },
    line: { color: PLAIN },
    point: { size: 50 * scale * scale, color: PLAIN, opacity: 1 },
    rule: { color: PLAIN },
    style: {
      // Under `line` and `rule` of the config, widths would override those of the styles below.
      line: { strokeWidth: 1.8 * scale },
      rule: { strokeWidth: thin },
      sizes: {
        labelAngle: angle,
        labelAlign: angle === 0 ? 'center' : 'right',
        labelBaseline: angle === -90 ? 'middle' : 'top',
        labelOverlap: allFit ? false : 'greedy',
      },
      run: { size: 9 * scale * scale, opacity: 0.4, shape: 'circle' },
      median: { size: 46 * scale * scale },
      order: { size: 22 * scale * scale, opacity: 0.7 },
      trend: { strokeWidth: 1.8 * scale, color: PLAIN },
      level: { strokeWidth: 2.2 * scale, color: STRIKING },
      stack: { stroke: PAPER, strokeWidth: thin },
      field: { stroke: null },
      segment: segmentRoom < small * 2.2 ? { fontSize: small, opacity: 0 } : { fontSize: small },
      fit: { strokeWidth: thin },
      bend: { opacity: 0.15 },
      'bend-rule': { strokeWidth: 1.2 * scale },
      interval: { strokeWidth: 1.6 * scale },
      threshold: { fontSize: small, color: INK },
      'threshold-rule': {
        strokeDash: [4 * scale, 3 * scale],
        strokeWidth: 1.2 * scale,
        color: RULE,
      },
    },
  };
}
