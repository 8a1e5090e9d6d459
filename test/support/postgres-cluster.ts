import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { awaitUntil } from './await-until';

/** A PostgreSQL of its own, on loopback, which can be killed and started again. */
export interface Cluster {
  /** A new, empty database. */
  newDatabase(): Promise<string>;
  /** As when the machine is lost: nothing is said to anybody. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stands still with all its processes, and goes on. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it and removes what it kept. */
  close(): Promise<void>;
}

/** The password has the mark that no log may show. */
const PASSWORD = 's3cret-database';
/** Where Debian keeps the programs of each version, out of the PATH. */
const DEBIAN = '/usr/lib/postgresql';

const binaries = findBinaries();
export const hasPostgres = binaries !== null;

/** @param options.durable whether what is committed is on the disk, as where it matters. */
export async function startCluster({ durable = false } = {}): Promise<Cluster> {
  if (binaries === null) throw new Error('Expected the programs of PostgreSQL, found none');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-relay-postgres-'));
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  fs.writeFileSync(passwordFile, PASSWORD);
  const owner = ownerOf();
  for (const each of [folder, passwordFile]) {
    if (owner.uid !== undefined) fs.chownSync(each, owner.uid, owner.gid ?? owner.uid);
  }
  const initdb = ['-D', data, '-U', 'relay', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await promisify(execFile)(path.join(binaries, 'initdb'), [...initdb, '-N', '-E', 'UTF8'], {
    ...owner,
    cwd: folder,
  });
  const port = await freePort();
  const url = `postgresql://relay:${PASSWORD}@127.0.0.1:${port}`;
  let server: ChildProcess | null = null;

  const cluster: Cluster = {
    async newDatabase() {
      const name = newName();
      await run(`${url}/postgres`, `CREATE DATABASE ${name}`);
      return `${url}/${name}`;
    },
    async start() {
      const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder };
      const more = {
        fsync: durable ? 'on' : 'off',
        max_connections: 200,
        logging_collector: 'off',
      };
      const flags = Object.entries({ ...settings, ...more }).flatMap(([k, v]) => [
        '-c',
        `${k}=${v}`,
      ]);
      server = spawn(path.join(binaries, 'postgres'), ['-D', data, ...flags], {
        ...owner,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'ignore'],
      });
      await awaitUntil(
        'PostgreSQL to answer',
        () =>
          run(`${url}/postgres`, 'SELECT 1').then(
            () => true,
            () => false,
          ),
        60_000,
      );
    },
    async kill() {
      await end(server, 'SIGKILL');
    },
    signalAll(signal) {
      const children = fs
        .readFileSync(`/proc/${server?.pid}/task/${server?.pid}/children`, 'utf8')
        .trim()
        .split(' ');
      for (const pid of [server?.pid, ...children.map(Number)]) if (pid) process.kill(pid, signal);
    },
    async close() {
      // At once: nobody needs what it has.
      await end(server, 'SIGQUIT');
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  await cluster.start();
  return cluster;
}

async function end(server: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!server || server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill(signal);
  await exited;
}

export async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function newName(): string {
  return `relay_${randomUUID().replaceAll('-', '')}`;
}

function findBinaries(): string | null {
  const versions = fs.existsSync(DEBIAN) ? fs.readdirSync(DEBIAN).map(Number) : [];
  const newest = versions.sort((a, b) => b - a).map((version) => `${DEBIAN}/${version}/bin`);
  const inPath = (process.env['PATH'] ?? '').split(path.delimiter);
  return [...inPath, ...newest].find((each) => fs.existsSync(path.join(each, 'initdb'))) ?? null;
}

/** PostgreSQL refuses to run as root. */
function ownerOf(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
