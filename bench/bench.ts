import path from 'node:path';
import { parseArgs } from 'node:util';
import { Lab, type Figure, type Row } from './lab';
import { machine } from './machine';
import { converting } from './rows/converting';
import { fairness } from './rows/fairness';
import { fleet } from './rows/fleet';
import { gateway } from './rows/gateway';
import { growth, polling } from './rows/large-jobs';
import { latency } from './rows/latency';
import { latencyBound } from './rows/latency-bound';
import { memoryAtRest } from './rows/memory-at-rest';
import { memoryInFlight } from './rows/memory-in-flight';
import { overlap } from './rows/overlap';
import { page } from './rows/page';
import { slowSource } from './rows/slow-source';
import { startUp } from './rows/start-up';
import { throughput, throughputHttp } from './rows/throughput';
import { spread } from './statistics';

/** In the order in which they run; those with a service of their own are not among the others. */
const ROWS: readonly Row[] = [
  startUp,
  throughput,
  throughputHttp,
  latency,
  gateway,
  fairness,
  overlap,
  latencyBound,
  growth,
  polling,
  slowSource,
  converting,
  page,
  fleet,
  memoryInFlight,
  memoryAtRest,
];

interface Measured extends Figure {
  readonly row: string;
  readonly pass: boolean;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, profile: { type: 'string' } },
  });
  const rows = select(positionals);
  const startedAt = performance.now();
  const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  const print = (text: string): void => {
    process.stderr.write(`[${elapsed()}] ${text}\n`);
  };
  const on = machine();
  const selected = rows.map(({ name }) => name);
  const profile = values.profile === undefined ? null : path.resolve(values.profile);
  const lab = await Lab.open({ quick: values.quick ?? false, selected, print, profile });
  const measured: Measured[] = [];
  try {
    for (const row of rows) {
      for (const figure of await row.measure(lab)) {
        const pass = passes(figure);
        measured.push({ row: row.name, ...figure, pass });
        print(`${row.name}: ${shown(figure)}; ${figure.details}`);
      }
    }
  } finally {
    await lab.close();
  }
  print('done');
  const text = values.json
    ? JSON.stringify({ machine: on, quick: lab.quick, rows: measured }, null, 2)
    : `${describe(on, lab.quick)}\n\n${table(measured, lab.quick)}`;
  process.stdout.write(`${text}\n`);
  // Small sizes miss targets that full ones meet.
  process.exitCode = lab.quick || measured.every(({ pass }) => pass) ? 0 : 1;
}

function select(names: readonly string[]): Row[] {
  const known = ROWS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`Expected rows out of ${known.join(', ')}; got ${unknown.join(', ')}`);
  }
  return ROWS.filter(({ name }) => names.length === 0 || names.includes(name));
}

function passes({ value, limit }: Figure): boolean {
  return limit.at === 'least' ? value >= limit.value : value <= limit.value;
}

/** The median, between what the samples lie, and the unit: `1.12 (1.02 to 1.31)`. */
function shown({ samples, unit }: Figure): string {
  const digits = unit === '' || unit === 's' ? 2 : unit === 'bytes' ? 0 : 1;
  return `${spread(samples, digits)}${unit === '' ? '' : ` ${unit}`}`;
}

function target({ limit, unit }: Figure): string {
  return `${limit.at === 'least' ? '≥' : '≤'} ${limit.value}${unit === '' ? '' : ` ${unit}`}`;
}

function describe(on: ReturnType<typeof machine>, quick: boolean): string {
  const { cores, cpu, node, memoryGb, platform, load } = on;
  const sizes = quick ? '\nSmall sizes (--quick): the figures mean little.' : '';
  return (
    `${cores} cores of ${cpu}, ${memoryGb} GB, Node ${node}, ${platform}; ` +
    `load at the start ${load.join(' ')}${sizes}`
  );
}

function table(measured: readonly Measured[], quick: boolean): string {
  const lines = [
    ['row', 'target', 'measured', '', 'what', 'details'],
    ...measured.map(({ row, pass, ...figure }) => [
      row,
      target(figure),
      shown(figure),
      quick ? 'ran' : pass ? 'pass' : 'FAIL',
      figure.what,
      figure.details,
    ]),
  ];
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const pad = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
      .join('  ')
      .trimEnd();
  return lines.map(pad).join('\n');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
});
