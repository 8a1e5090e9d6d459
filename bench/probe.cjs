// Preloaded into the service by rows that look into its heap (`node --require`). It answers over the
// channel to the process that started it, so the service itself needs no door for measuring.
const fs = require('node:fs');
const { Session } = require('node:inspector/promises');
const { setImmediate: turn } = require('node:timers/promises');

let session = null;

const answers = {
  memory: () => process.memoryUsage(),
  memoryAfterGc: async () => {
    // What one collection frees can let go of more: finalisers, and pools that empty themselves.
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc();
      await turn();
    }
    return process.memoryUsage();
  },
  cpu: () => process.cpuUsage(),
  startProfile: async () => {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return null;
  },
  stopProfile: async ({ file }) => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    fs.writeFileSync(file, JSON.stringify(profile));
    return null;
  },
};

if (process.send) {
  process.on('message', async ({ id, ask }) => {
    const answer = await answers[ask.type](ask);
    process.send({ id, answer });
  });
  // Must not keep the service from ending.
  process.channel.unref();
}
