import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import FormData from 'form-data';
import fetch, { type Response } from 'node-fetch';
import type { ReceivedUpload } from '../../../lib/imgur-stand-in/upload';
import {
  type ImgurStandIn,
  type ImgurStandInOptions,
  startImgurStandIn,
} from '../../../lib/imgur-stand-in/server';

export const PUBLIC_URL = 'http://pictures.example:3000';
export const PROFILES = ['/3/image', '/3/upload'] as const;

export interface ImgurUnderTest extends ImgurStandIn {
  uploads: ReceivedUpload[];
  errors: unknown[];
}

const running: ImgurStandIn[] = [];

/** A real server on a port of its own; `stopImgurs` ends it. */
export async function startImgur(
  options: Partial<ImgurStandInOptions> = {},
): Promise<ImgurUnderTest> {
  const uploads: ReceivedUpload[] = [];
  const errors: unknown[] = [];
  const imgur = await startImgurStandIn({
    publicUrl: PUBLIC_URL,
    maxBytes: 8_000_000,
    maxImageBytes: 1_000_000,
    samplesDir: null,
    onUpload: (upload) => uploads.push(upload),
    onError: (error) => errors.push(error),
    ...options,
  });
  running.push(imgur);
  return Object.defineProperties(imgur, {
    uploads: { value: uploads },
    errors: { value: errors },
  }) as ImgurUnderTest;
}

export async function stopImgurs(): Promise<void> {
  await Promise.all(running.splice(0).map((imgur) => imgur.close()));
}

export function fixture(name: string): Buffer {
  return readFileSync(join(__dirname, '../../fixtures/pictures', name));
}

/** The form that the project sends. */
export function pictureForm(bytes: Buffer, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ type: 'file', ...fields })) form.append(name, value);
  form.append('image', bytes, { filename: 'picture.bin', contentType: 'application/octet-stream' });
  return form;
}

export function post(
  url: string,
  form: FormData,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: form.getBuffer(),
    headers: { Authorization: 'Client-ID tester', ...form.getHeaders(), ...headers },
  });
}

export interface ImageReply {
  status: number;
  success: boolean;
  data: {
    id: string;
    deletehash: string;
    link: string;
    width: number;
    height: number;
    error: unknown;
    [field: string]: unknown;
  };
}

export async function upload(
  imgur: ImgurStandIn,
  bytes: Buffer,
  path: string = PROFILES[0],
): Promise<ImageReply> {
  const response = await post(imgur.url + path, pictureForm(bytes));
  return (await response.json()) as ImageReply;
}

/** The last part of a link: what `picture` takes. */
export function fileOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}

/** Waits for what must come true. A loop without end would outlive its test and stop Jest. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${condition.toString()}`);
    await setImmediate();
  }
}

/** Opens a plain connection and writes the head of a request, as no HTTP client would let us. */
export function openRaw(imgur: ImgurStandIn, lines: readonly string[]) {
  const socket = connect(imgur.port, imgur.address);
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.write([...lines, `Host: ${imgur.address}:${imgur.port}`, '', ''].join('\r\n'));
  return {
    socket,
    received: () => received,
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
  };
}
