import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createMetrics, type Metrics } from '../../../lib/metrics/metrics';

const OPS = path.join(__dirname, '../../../ops');

/** `promtool` of Prometheus; everything it says, and how it ended. */
function promtool(args: readonly string[], input = ''): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
const isInstalled = spawnSync('promtool', ['--version']).error === undefined;
const describeWithPromtool = isInstalled ? describe : describe.skip;

/** Figures of a service at work: each metric has a sample. */
async function readAll(metrics: Metrics = createMetrics()): Promise<string> {
  metrics.watchProcess();
  const counts = { pending: 0, inProgress: 0, complete: 0, failed: 0 };
  metrics.watch({
    counts: () => Promise.resolve(counts),
    pausedUntil: () => null,
    processes: () => Promise.resolve([{ id: 'a', role: 'all', inFlight: 0 }]),
  });
  metrics.creditsRemaining(1249);
  metrics.transferEnded('complete', 12, 34);
  metrics.httpAnswered({ method: 'GET', route: '/v1/images', status: 200, durationMs: 2 });
  return (await metrics.read()).text;
}

describe('the alerts', () => {
  const alerts = fs.readFileSync(path.join(OPS, 'alerts.yml'), 'utf8');
  const played = fs.readFileSync(path.join(OPS, 'alerts.test.yml'), 'utf8');

  it('ask for figures that there are', async () => {
    const text = await readAll();
    const known = new Set([...text.matchAll(/^(\w+)(?:\{| )/gm)].map(([, name]) => name));
    const asked = alerts.match(/\b(?:image_relay|process|nodejs)_\w+/g) ?? [];
    expect(asked).toContain('image_relay_images_total');
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are each played through', () => {
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? '');
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !played.includes(`ALERTS{alertname="${name}"`))).toEqual([]);
  });
});

describeWithPromtool('Prometheus itself', () => {
  it('takes the alerts', () => {
    expect(promtool(['check', 'rules', path.join(OPS, 'alerts.yml')])).toMatchObject({ status: 0 });
  });

  it('tells of what it should, and not before', () => {
    const { status, output } = promtool(['test', 'rules', path.join(OPS, 'alerts.test.yml')]);
    expect(`${status} ${output}`).toMatch(/^0 [^]*SUCCESS/);
  });

  it('has nothing to say against names and descriptions of the figures', async () => {
    expect(promtool(['check', 'metrics'], await readAll())).toEqual({ status: 0, output: '' });
  });
});
