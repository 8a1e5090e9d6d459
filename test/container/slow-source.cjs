// Runs inside the container: a source whose pictures take three seconds, and an Imgur that refuses
// all uploads with what it was sent.
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

const PARTS = 10;
const picture = readFileSync('samples/nebula.jpg');
const size = Math.ceil(picture.length / PARTS);

createServer((request, response) => {
  if (request.method === 'GET') sendSlowly(response);
  else refuse(request, response);
}).listen(8080, '127.0.0.1');

function sendSlowly(response) {
  response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': picture.length });
  for (let n = 0; n < PARTS; n++) {
    setTimeout(() => response.write(picture.subarray(n * size, (n + 1) * size)), n * 300);
  }
  setTimeout(() => response.end(), PARTS * 300);
}

async function refuse(request, response) {
  const chunks = await request.toArray();
  const sent = `${request.headers.authorization} ${Buffer.concat(chunks).toString('latin1', 0, 500)}`;
  const error = `We know ${sent}`;
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ data: { error }, success: false, status: 403 }));
}
