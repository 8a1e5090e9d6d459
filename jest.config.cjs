/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // Most of the time of the end-to-end tests goes into starting services, one core each.
  maxWorkers: '100%',
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
