// The container's HEALTHCHECK: exit status 0 while the service answers and takes work.
import http from 'node:http';

const { HOST, PORT: port = '3000' } = process.env;
const host = !HOST || ['0.0.0.0', '::'].includes(HOST) ? '127.0.0.1' : HOST;
const request = http.get({ host, port, path: '/health', timeout: 4000 }, (answer) => {
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
  answer.resume();
});
request.on('timeout', () => request.destroy(new Error('no answer within 4 s')));
request.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
