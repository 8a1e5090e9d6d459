const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // Each may have a service and a browser beside it, and there are hardly more long files than this.
  maxWorkers: Math.min(availableParallelism(), 6),
  globalSetup: '<rootDir>/test/support/run-folder.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Middy 6 is ESM only and Jest loads CommonJS, so its packages are transformed too.
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!@middy/)'],
};
