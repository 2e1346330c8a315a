import { command } from '../../command.ts';
import { DATABASE, SELECTION, SWEEP } from '../../options.ts';

export const plotCommand = command({
  command: 'plot [sweep]',
  describe: 'Draw the charts of a sweep as SVG, PNG or PDF',
  positionals: { sweep: SWEEP },
  options: {
    figure: {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [],
      defaultDescription: 'all',
      value: 'NAME,...',
      complete: 'figure',
      describe: 'Draw only these figures, by their names or how the names begin',
    },
    format: {
      type: 'string',
      array: true,
      requiresArg: true,
      default: ['svg'],
      value: 'FORMAT,...',
      complete: 'figure-format',
      describe: 'Which files to write: svg, png, pdf',
    },
    theme: {
      choices: ['screen', 'print'],
      default: 'screen',
      describe: 'Draw with titles and in pixels, or for paper, without titles',
    },
    columns: {
      choices: [1, 2],
      default: 1,
      describe: 'Draw as wide as one column of a page (84 mm), or as two (178 mm)',
    },
    out: {
      type: 'string',
      requiresArg: true,
      value: 'FOLDER',
      defaultDescription: 'RESULTS/NAME-ID/figures',
      describe: 'Folder for the files',
    },
    ...DATABASE,
    ...SELECTION,
  },
  details: [
    'Beside each figure its Vega-Lite specification is written, `NAME.vl.json`, with the data in it: change that file to get another figure. `docs/figures.md` says what each one shows.',
  ],
  examples: [
    ['ipc-sweep plot', 'Every chart of the newest sweep'],
    [
      'ipc-sweep plot --figure bandwidth --format pdf --theme print',
      'One for a paper, as wide as a column',
    ],
  ],
  load: async () => (await import('./run.ts')).plot,
});
