import type { Config } from 'vega-lite';
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

/**
 * Colours that colour-blind readers can tell apart, and that differ in lightness even without
 * colour: from Okabe and Ito's palette, the dark ones first; each with its own shape and dashes.
 */
const SERIES = [
  ...['#000000', '#0072B2', '#D55E00', '#009E73'],
  ...['#CC79A7', '#E69F00', '#56B4E9', '#7F7F7F'],
];
export const SHAPES = [
  ...['circle', 'square', 'triangle-up', 'diamond'],
  ...['triangle-down', 'cross', 'triangle-right', 'triangle-left'],
];
export interface Fitted {
  /** The angle of the labels of a size axis, in degrees. */
  readonly angle: 0 | -45 | -90;
  readonly legendColumns: number;
  /** Width of a bar or a field; a number such as 100 is only written if it fits. */
  readonly segmentRoom: number;
}

export function configOf(
  { fontSize, scale, name }: Theme,
  { angle, legendColumns, segmentRoom }: Fitted,
): Config {
  const small = fontSize * (name === 'print' ? 14 / 15 : 11 / 12);
  const ink = '#222222';
  const faint = name === 'print' ? '#666666' : '#8a8a8a';
  const thin = 0.8 * scale;
  return {
    background: '#ffffff',
    padding: 4 * scale,
    font: FONT_FAMILY,
    aria: true,
    view: { stroke: null },
    axis: {
      labelFontSize: small,
      titleFontSize: fontSize,
      titleFontWeight: 'normal',
      labelColor: ink,
      titleColor: ink,
      domainColor: faint,
      domainWidth: thin,
      tickColor: faint,
      tickWidth: thin,
      tickSize: 4 * scale,
      labelPadding: 3 * scale,
      titlePadding: 7 * scale,
      gridColor: '#e6e6e6',
      gridWidth: thin,
    },
    axisX: { grid: false },
    axisY: { grid: name === 'screen', tickCount: 5 },
    header: {
      labelFontSize: fontSize,
      labelColor: ink,
      labelPadding: 4 * scale,
      title: null,
    },
    legend: {
      orient: 'bottom',
      direction: 'horizontal',
      columns: legendColumns,
      labelFontSize: small,
      labelColor: ink,
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
      fontSize: fontSize * 1.15,
      fontWeight: 'bold',
      color: ink,
      subtitleColor: ink,
      subtitleFontSize: fontSize,
      anchor: 'start',
      offset: 10 * scale,
    },
    line: { color: SERIES[0]! },
    point: { size: 50 * scale * scale, color: SERIES[0]!, opacity: 1 },
    rule: { color: SERIES[0]! },
    range: {
      category: SERIES,
      symbol: SHAPES,
      // The lightness falls with the value.
      heatmap: ['#e9f1fa', '#9ecae1', '#3182bd', '#08306b'],
    },
    style: {
      // Under `line` and `rule` of the config, widths would override those of the styles below.
      line: { strokeWidth: 1.8 * scale },
      rule: { strokeWidth: thin },
      sizes: {
        labelAngle: angle,
        labelAlign: angle === 0 ? 'center' : 'right',
        labelBaseline: angle === -90 ? 'middle' : 'top',
      },
      run: { size: 9 * scale * scale, opacity: 0.4, shape: 'circle' },
      median: { size: 46 * scale * scale },
      order: { size: 22 * scale * scale, opacity: 0.7 },
      trend: { strokeWidth: 1.8 * scale, color: '#000000' },
      level: { strokeWidth: 2.2 * scale, color: SERIES[2]! },
      stack: { stroke: '#ffffff', strokeWidth: thin },
      field: { stroke: null },
      segment: segmentRoom < small * 2.2 ? { fontSize: small, opacity: 0 } : { fontSize: small },
      fit: { strokeWidth: thin },
      bend: { opacity: 0.15 },
      'bend-rule': { strokeWidth: 1.2 * scale },
      interval: { strokeWidth: 1.6 * scale },
      threshold: { fontSize: small, color: ink },
      'threshold-rule': {
        strokeDash: [4 * scale, 3 * scale],
        strokeWidth: 1.2 * scale,
        color: '#555555',
      },
    },
  };
}
