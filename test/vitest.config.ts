import { defineConfig } from 'vitest/config';

/** Against hangs alone: a busy machine may take a hundred times as long as an idle one. */
const HANG_MS = 600_000;

const shared = {
  testTimeout: HANG_MS,
  hookTimeout: HANG_MS,
  expect: { poll: { timeout: HANG_MS / 2, interval: 20 } },
  env: {
    // Tests run side by side, each as if the machine were its own.
    IPC_SWEEP_HOST_LOCK: 'off',
    // A test finds the same whether npx or npm has started vitest.
    npm_command: '',
  },
};

/** The tests that start command lines, agents or programs; `npm run test:quick` leaves them out. */
const NOT_QUICK = [
  'test/{cli,fuzz,host}/**',
  'test/**/{c-program,dependencies,process-session,recognise,writer-lock}.test.ts',
];

export default defineConfig(({ mode }) => ({
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
          exclude: ['test/real/**', ...(mode === 'quick' ? NOT_QUICK : [])],
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
}));
