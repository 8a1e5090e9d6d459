import fs from 'node:fs';
import path from 'node:path';
import { createMetrics } from '../../../lib/metrics/metrics';

interface Dashboard {
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets?: { expr: string }[];
  }[];
  templating: { list: { definition?: string }[] };
}

const dashboard = JSON.parse(
  fs.readFileSync(path.join(__dirname, '../../../ops/grafana-dashboard.json'), 'utf8'),
) as Dashboard;

const used = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ definition = '' }) => definition),
].flatMap((query) => query.match(/\b(?:image_relay|process|nodejs)_\w+/g) ?? []);

describe('the dashboard', () => {
  it('asks for figures that there are, and leaves none of the service out', async () => {
    const metrics = createMetrics();
    metrics.watchProcess();
    const { text } = await metrics.read();
    const known = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    const asked = new Set(used.map((name) => name.replace(/_(?:bucket|count)$/, '')));
    expect([...asked].filter((name) => !known.includes(name))).toEqual([]);
    const ours = known.filter((name) => name.startsWith('image_relay_'));
    expect({ 'to be shown by a panel': ours.filter((name) => !asked.has(name)) }).toEqual({
      'to be shown by a panel': [
        // What is begun rather than ended; the panels show the ends.
        'image_relay_attempts_total',
        'image_relay_images_accepted_total',
      ],
    });
  });

  it('has its panels side by side, each with an id of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
