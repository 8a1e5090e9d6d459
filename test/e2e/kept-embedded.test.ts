import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder } from '../support/new-folder';
import { startService } from '../support/service';
import { runUploadClient } from '../support/upload-client';

jest.setTimeout(120_000);

test('pictures, album and delete page of the embedded Imgur outlive a restart, and the client uses them', async () => {
  const folder = newFolder();
  const settings = { EMBEDDED_IMGUR_DIR: folder, PUBLIC_URL: 'http://relay.test' };
  const first = await startService(settings);
  const upload = runUploadClient(['--samples', '--album', 'All', '--service', first.url]);
  expect(await upload.exited).toBe(0);
  const album = upload.output.stdout.trimEnd().split('\n').at(-1) ?? '';
  expect(album).toMatch(/^http:\/\/relay\.test\/embedded\/a\/\w{7}$/);
  const { uploaded } = (await (await fetch(`${first.url}/v1/images`)).json()) as {
    uploaded: string[];
  };

  const { jobs } = (await (await fetch(`${first.url}/v1/images/upload`)).json()) as {
    jobs: { id: string }[];
  };
  const images = await first.images(jobs[0]?.id ?? '');
  const [gone, kept] = images;
  const removed = runUploadClient(['--delete', gone?.link ?? '', '--service', first.url]);
  expect([await removed.exited, removed.output.stdout]).toEqual([0, `${gone?.link} deleted\n`]);

  const list = path.join(folder, 'list.csv');
  writeFileSync(list, `name,url\r\nx,"${kept?.url}"\r\n`);
  const csv = runUploadClient(['--csv', list, '--service', first.url]);
  expect(await csv.exited).toBe(0);
  expect(csv.output.stdout).toMatch(/^url,status,link,deletehash,.*\r\n"http.*","complete","http/);
  expect(await first.stop()).toBe(0);

  const again = await startService(settings);
  const at = (link: string): string => link.replace('http://relay.test', again.url);
  expect(uploaded).toHaveLength(images.length);
  for (const link of uploaded) {
    expect((await fetch(at(link))).status).toBe(link === gone?.link ? 404 : 200);
  }
  const page = await (await fetch(at(album))).text();
  expect(page.match(/<img /g)).toHaveLength(images.length - 1);
  const { deletehash } = kept as unknown as { deletehash: string };
  const ask = `${again.url}/embedded/delete/${deletehash}`;
  expect(await (await fetch(ask)).text()).toContain('<form method="post">');
  const body = new URLSearchParams({ sure: 'yes' });
  expect((await fetch(ask, { method: 'POST', body })).status).toBe(200);
  expect((await fetch(at(kept?.link ?? ''))).status).toBe(404);
  expect(await again.stop()).toBe(0);
});
