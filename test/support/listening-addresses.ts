import fs from 'node:fs';

/** State `LISTEN` in `/proc/net/tcp`. */
const LISTEN = '0A';

/**
 * The addresses that a process listens on, as Linux tells (proc_pid_net(5)): `127.0.0.1` once for
 * each of its ports there, and IPv6 as it stands in the kernel's memory.
 */
export function listeningAddresses(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const open = new Set(fs.readdirSync(folder).map((fd) => targetOf(`${folder}/${fd}`)));
  return ['tcp', 'tcp6'].flatMap((table) => {
    const [, ...rows] = fs.readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n');
    return rows.flatMap((row) => {
      const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
      return state === LISTEN && open.has(`socket:[${inode}]`) ? [addressOf(local)] : [];
    });
  });
}

/** A descriptor may be closed in the moment in which it is looked at. */
function targetOf(link: string): string | null {
  try {
    return fs.readlinkSync(link);
  } catch {
    return null;
  }
}

/** `0100007F:0BB8` is 127.0.0.1, port 3000: the address's last byte stands first. */
function addressOf(local: string): string {
  const [hex = ''] = local.split(':');
  return hex.length === 8 ? [...Buffer.from(hex, 'hex')].reverse().join('.') : hex;
}
