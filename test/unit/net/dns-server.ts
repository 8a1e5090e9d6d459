import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parseAddress } from '../../../lib/net/address';

const AAAA = 28;
const NXDOMAIN = 3;

/** What is answered for one name: addresses, a response code, or nothing at all. */
export interface Answer {
  a?: string[] | 'silence';
  aaaa?: string[] | 'silence';
  responseCode?: number;
}

/** A DNS server (RFC 1035) on loopback UDP; unknown names do not exist. */
export async function startDnsServer(names: Record<string, Answer>) {
  const socket = createSocket('udp4');
  const questions: string[] = [];

  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    questions.push(`${type === AAAA ? 'AAAA' : 'A'} ${name}`);
    const answer = names[name] ?? { responseCode: NXDOMAIN };
    const addresses = (type === AAAA ? answer.aaaa : answer.a) ?? [];
    if (addresses === 'silence') return;

    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (answer.responseCode ?? 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    const records = addresses.map((address) => record(type, address));
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), from.port);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    close: () => {
      socket.close();
    },
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function record(type: number, address: string): Buffer {
  const data = Buffer.from(parseAddress(address)!.toByteArray());
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
