import { spawnSync } from 'node:child_process';
import { seededRandom } from '../seeded-random.ts';

const installed = spawnSync('Rscript', ['--version']).status === 0;
if (!installed && process.env.IPC_SWEEP_REQUIRE_REAL === '1') {
  throw new Error('the checks against R are required here, but Rscript is not installed');
}

/** Why R cannot be asked; empty when it can. */
export const withoutR = installed ? '' : '(Rscript is not installed)';

/** Runs an R program that writes numbers with `out(...)`. @returns them in their order */
export function askR(program: string): readonly number[] {
  const head = `out <- function(...) cat(sprintf('%.17g', as.numeric(c(...))), sep = '\\n')\n`;
  const { status, stdout, stderr } = spawnSync('Rscript', ['--vanilla', '-'], {
    input: head + program,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`R failed:\n${stderr}\n${program}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((word) => (word === 'NaN' || word === 'NA' ? Number.NaN : Number(word)));
}

export function vector(values: readonly number[]): string {
  return `c(${values.join(', ')})`;
}

/** The same samples in every run: `size` numbers around 1000, `decimals` fewer for more ties. */
export function samples(count: number, sizes: readonly number[], decimals = 6): number[][] {
  const draw = seededRandom(20, decimals);
  const uniform = () => (draw(2 ** 32) + 0.5) / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Array.from({ length: count }, (_, at) =>
    Array.from({ length: sizes[at % sizes.length]! }, () =>
      Number((1000 + 2 * normal()).toFixed(decimals)),
    ),
  );
}

export const BANDWIDTHS = {
  /** Eleven, unsorted, in MB/s. */
  eleven: [912.4, 905.1, 930.7, 899.2, 915.3, 921.8, 871.6, 918.9, 902.5, 909.7, 925],
  /** A little faster, with one far value. */
  twelve: [931.2, 942.6, 918.4, 950.1, 927.7, 936.3, 940.9, 922.2, 933.8, 1210.5, 945.4, 929.6],
  /** Ties within and between. */
  tied: [900, 910, 910, 920, 920, 920, 930, 940],
} as const;
