import fetch from 'node-fetch';
import { newFolder } from '../../support/new-folder';
import { fixture, pictureForm, post, startImgur, stopImgurs, upload } from './imgur-under-test';
import type { ImgurUnderTest } from './imgur-under-test';

const JPEG = fixture('baseline.jpg');
const ACCOUNT = { accessTokens: ['token'] };

afterEach(stopImgurs);

interface AlbumReply {
  status: number;
  data: { id: string; deletehash: string; link: string; error: string };
}

async function makeAlbum(
  imgur: ImgurUnderTest,
  fields: readonly (readonly [string, string])[],
  authorization = 'Client-ID tester',
): Promise<AlbumReply> {
  const response = await fetch(`${imgur.url}/3/album`, {
    method: 'POST',
    headers: { Authorization: authorization },
    body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
  });
  return (await response.json()) as AlbumReply;
}

async function filesOf(imgur: ImgurUnderTest, id: string): Promise<string[]> {
  const { html } = await imgur.pages.album(id);
  return [...html.matchAll(/<img src="\.\.\/([^"]+)"/g)].map(([, file]) => file ?? '');
}

async function three(imgur: ImgurUnderTest) {
  const replies = [];
  for (let index = 0; index < 3; index += 1) replies.push((await upload(imgur, JPEG)).data);
  return replies;
}

describe.each(['memory', 'folder'])('albums in %s', (where) => {
  const options = () => (where === 'memory' ? {} : { directory: newFolder() });

  test('keep the order of the fields, and lead to a page', async () => {
    const imgur = await startImgur(options());
    const [first, second, third] = await three(imgur);
    const hashes = [third, first, second].map((each) => each?.deletehash ?? '');
    const { status, data } = await makeAlbum(imgur, [
      ['title', 'A <b>title</b>'],
      ...hashes.map((hash) => ['deletehashes[]', hash] as const),
    ]);
    expect(status).toBe(200);
    expect(data.id).toMatch(/^[0-9A-Za-z]{7}$/);
    expect(data.deletehash).toMatch(/^[0-9A-Za-z]{15}$/);
    expect(data.link).toBe(`http://pictures.example:3000/a/${data.id}`);

    const page = await fetch(`${imgur.url}/a/${data.id}`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html).toContain('<title>A &lt;b&gt;title&lt;/b&gt;</title>');
    expect(await filesOf(imgur, data.id)).toEqual(
      [third, first, second].map((each) => `${each?.id}.jpg`),
    );
  });

  test('take the ids of an account, and of nobody else', async () => {
    const imgur = await startImgur({ ...options(), ...ACCOUNT });
    const bearer = { Authorization: 'Bearer token' };
    const reply = await post(`${imgur.url}/3/image`, pictureForm(JPEG), bearer);
    const { data: owned } = (await reply.json()) as { data: { id: string } };
    const { data: foreign } = await upload(imgur, JPEG);

    const made = await makeAlbum(imgur, [['ids[]', owned.id]], 'Bearer token');
    expect(await filesOf(imgur, made.data.id)).toEqual([`${owned.id}.jpg`]);
    expect(await makeAlbum(imgur, [['ids[]', owned.id]])).toMatchObject({ status: 400 });
    const theirs = await makeAlbum(imgur, [['ids[]', foreign.id]], 'Bearer token');
    expect(theirs).toMatchObject({ status: 400 });
  });

  test('end by their deletehash, and leave their pictures', async () => {
    const imgur = await startImgur(options());
    const { data: picture } = await upload(imgur, JPEG);
    const { data } = await makeAlbum(imgur, [['deletehashes[]', picture.deletehash]]);
    const headers = { Authorization: 'Client-ID tester' };
    await fetch(`${imgur.url}/3/album/${data.id}`, { method: 'DELETE', headers });
    expect((await imgur.pages.album(data.id)).status).toBe(200);
    await fetch(`${imgur.url}/3/album/${data.deletehash}`, { method: 'DELETE', headers });
    expect((await imgur.pages.album(data.id)).status).toBe(404);
    expect(await imgur.picture(`${picture.id}.jpg`)).toBeDefined();
  });

  test('take a picture at its upload, at their end', async () => {
    const imgur = await startImgur(options());
    const { data: first } = await upload(imgur, JPEG);
    const { data: album } = await makeAlbum(imgur, [['deletehashes[]', first.deletehash]]);
    const form = pictureForm(JPEG, { album: album.deletehash });
    const reply = await post(`${imgur.url}/3/image`, form);
    const { data: second } = (await reply.json()) as { data: { id: string } };
    expect(await filesOf(imgur, album.id)).toEqual([`${first.id}.jpg`, `${second.id}.jpg`]);

    const refused = await post(`${imgur.url}/3/image`, pictureForm(JPEG, { album: album.id }));
    expect(refused.status).toBe(400);
  });

  test('a delete page asks first, and deletes when its form is sent', async () => {
    const imgur = await startImgur(options());
    const { data } = await upload(imgur, JPEG);
    const page = `${imgur.url}/delete/${data.deletehash}`;
    expect(await (await fetch(page)).text()).toContain('<form method="post">');
    expect(await imgur.picture(`${data.id}.jpg`)).toBeDefined();

    const done = await fetch(page, { method: 'POST', body: new URLSearchParams() });
    expect(done.status).toBe(200);
    expect(await imgur.picture(`${data.id}.jpg`)).toBeUndefined();
    expect((await fetch(page, { method: 'POST' })).status).toBe(404);
  });
});

test('limits run out where they are asked to, and for each caller apart', async () => {
  const imgur = await startImgur({ uploadsPerHour: 2 });
  const path = `${imgur.url}/3/image`;
  const left = async (headers = {}) => {
    const { status, headers: answered } = await post(path, pictureForm(JPEG), headers);
    return [status, answered.get('x-post-rate-limit-remaining')];
  };
  expect([await left(), await left(), await left()]).toEqual([
    [200, '1'],
    [200, '0'],
    [429, '0'],
  ]);
  expect(await left({ Authorization: 'Client-ID another' })).toEqual([200, '1']);
  const credits = await fetch(`${imgur.url}/3/credits`, {
    headers: { Authorization: 'Client-ID tester' },
  });
  expect(await credits.json()).toMatchObject({ data: { UserLimit: 2, UserRemaining: 0 } });
});
