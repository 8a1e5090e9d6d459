const { availableParallelism } = require('node:os');
const swc = (parser) => [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', ...parser },
      target: 'es2022',
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
    module: { type: 'commonjs' },
  },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // At most: each may have a service and a browser beside it. At least: the long files wait more than they
  // compute, so two of them leave a core idle.
  maxWorkers: Math.min(Math.max(availableParallelism(), 4), 6),
  // Many tests start processes; on a busy machine that takes more than the usual five seconds.
  testTimeout: 30_000,
  globalSetup: '<rootDir>/test/support/run-folder.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Middy 6 and Preact 11 are ESM only and Jest loads CommonJS, so they are transformed too.
  transform: {
    '^.+\\.[cm]?[jt]s$': swc(),
    '^.+\\.tsx$': swc({ tsx: true }),
  },
  transformIgnorePatterns: ['/node_modules/(?!@middy/|preact/)'],
};
