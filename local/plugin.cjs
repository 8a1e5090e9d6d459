// Serverless loads plugins as plain JavaScript, so this one loads its parts, which are TypeScript.
const path = require('node:path');
const { loadTypeScript } = require('./load-typescript.cjs');

module.exports = loadTypeScript(path.join(__dirname, 'service-plugin.ts')).default;
