import os from 'node:os';

/** What the figures were measured on: they mean little without it. */
export function machine() {
  const cpus = os.cpus();
  return {
    cores: os.availableParallelism(),
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    node: process.version,
    memoryGb: Math.round(os.totalmem() / 1e9),
    platform: `${os.platform()} ${os.arch()}`,
    load: os.loadavg().map((load) => Number(load.toFixed(2))),
  };
}
