/**
 * What runs in the child process that converts: messages from standard input, answers to standard
 * output, one picture at a time. It has no environment and opens nothing. See `frames.ts` for what a
 * message is.
 */
const { convert } = require('./encode.cjs');

const sharp = loadSharp();
// By `missing` the service knows that it need not try again.
answer({ kind: sharp ? 'ready' : 'missing' });

let pending = Buffer.alloc(0);
let chunks = [];
/** What the picture that is being read is to become, and how much of it is missing. */
let request = null;
let missingBytes = 0;

process.stdin.on('data', (chunk) => {
  let rest = chunk;
  if (!request) {
    pending = Buffer.concat([pending, chunk]);
    if (pending.length < 4 || pending.length < 4 + pending.readUInt32LE(0)) return;
    const end = 4 + pending.readUInt32LE(0);
    request = JSON.parse(pending.toString('utf8', 4, end));
    missingBytes = request.bytes;
    rest = pending.subarray(end);
    pending = Buffer.alloc(0);
  }
  chunks.push(rest);
  missingBytes -= rest.length;
  if (missingBytes > 0) return;
  const input = Buffer.concat(chunks);
  chunks = [];
  void work(input, request);
  request = null;
});
// Whoever started it is gone, and a picture that is being decoded is no reason to stay.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.on('error', () => process.kill(process.pid, 'SIGKILL'));

async function work(input, limits) {
  try {
    const { output, ...about } = await convert(sharp, input, limits);
    const kind = output ? 'converted' : 'refused';
    answer({ kind, bytes: output?.length ?? 0, ...about }, output);
  } catch {
    // What libvips says means damage, truncation or too little memory alike, and is nobody's business.
    answer({ kind: 'refused', bytes: 0, refusal: 'does_not_decode' });
  }
}

function answer(about, output) {
  const text = Buffer.from(JSON.stringify(about));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  process.stdout.write(Buffer.concat([length, text]));
  if (output) process.stdout.write(output);
}

function loadSharp() {
  try {
    const loaded = require('sharp');
    // Nothing that a source sends may reach another decoder.
    loaded.block({ operation: ['VipsForeignLoad'] });
    loaded.unblock({ operation: ['VipsForeignLoadWebp', 'VipsForeignLoadHeif'] });
    loaded.cache(false);
    loaded.concurrency(1);
    return loaded;
  } catch {
    return null;
  }
}
