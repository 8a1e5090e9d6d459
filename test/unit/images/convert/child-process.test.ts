import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { Child } from '../../../../lib/images/convert/child-process';
import { picture } from '../../../support/pictures';
import { describeWithSharp } from '../../../support/sharp';

const LOOK_AROUND = path.join(__dirname, '../../../fixtures/convert/look-around.cjs');
const CONVERT = path.join(__dirname, '../../../../lib/images/convert/child/main.cjs');
/** Containers of Docker have no namespaces to give, for one. */
const hasNamespaces = spawnSync('unshare', ['--user', '--net', 'true']).status === 0;
const describeWithNamespaces = hasNamespaces ? describe : describe.skip;

const start = (program: string, maxPixels: number): Child =>
  new Child({ program, maxBytes: 1000, maxPixels }, () => undefined);

describeWithNamespaces('a child that converts, in namespaces of its own', () => {
  it('sees neither the service nor the network, and may write no code', async () => {
    const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = Buffer.from(String((server.address() as AddressInfo).port).padStart(5, '0'));
    const child = start(LOOK_AROUND, 1_000_000);
    try {
      const { about } = await child.convert([port], port.length);
      expect(about).toEqual({
        bytes: 0,
        environ: 'EACCES',
        mem: 'EACCES',
        network: 'ENETUNREACH',
        hasWritableCode: false,
      });
    } finally {
      child.kill();
      await child.ended;
      server.close();
    }
  });
});

describeWithSharp('a child that converts', () => {
  it('opens no decoder but those of WebP and AVIF', async () => {
    const child = start(CONVERT, 1);
    const said = async (name: string): Promise<unknown> => {
      const bytes = picture(name);
      return (await child.convert([bytes], bytes.length)).about.refusal;
    };
    try {
      for (const name of ['lossy.webp', 'lossless.webp', 'still.avif']) {
        // Its header was read.
        expect([name, await said(name)]).toEqual([name, 'too_many_pixels']);
      }
      const others = ['active.svg', 'baseline.jpg', 'document.pdf', 'palette.png', 'still.gif'];
      for (const name of [...others, 'little.tiff', 'plain.bmp']) {
        expect([name, await said(name)]).toEqual([name, 'does_not_decode']);
      }
    } finally {
      child.kill();
      await child.ended;
    }
  });
});
