import { defineConfig } from 'vitest/config';

// Tests run side by side, each as if the machine were its own.
const env = { IPC_SWEEP_HOST_LOCK: 'off' };
const shared = { testTimeout: 60_000, hookTimeout: 180_000, env };

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real benchmarks and tracers pin themselves to one processor: one file after the other.
        test: {
          ...shared,
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
