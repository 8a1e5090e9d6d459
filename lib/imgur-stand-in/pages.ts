import type { Album, PictureRecord, PictureStore } from './store';

/** A page for a browser. */
export interface Page {
  status: 200 | 404;
  html: string;
}

/** What the pages may do: show pictures of where they are, and post a form there. */
export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

const STYLE =
  'body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}' +
  'img{display:block;max-width:100%;height:auto;margin:1rem 0}button{font:inherit;padding:.5rem 1rem}';

export interface Pages {
  /** An album: its title, and its pictures in order. */
  album: (id: string) => Promise<Page>;
  /** Asks whether a picture or an album is to be deleted; its form posts to the page itself. */
  askDelete: (deletehash: string) => Promise<Page>;
  /** Deletes it. */
  delete: (deletehash: string) => Promise<Page>;
}

/**
 * The pages stand one level below the pictures, so that `../{file}` leads to one wherever they are
 * served from.
 */
export function createPages(store: PictureStore): Pages {
  async function find(deletehash: string) {
    const picture = await store.byDeletehash(deletehash);
    return { picture, album: picture ? undefined : await store.albumByDeletehash(deletehash) };
  }

  return {
    async album(id) {
      const album = await store.albumById(id);
      if (!album) return notFound('There is no such album.');
      const pictures: PictureRecord[] = [];
      for (const each of album.pictures) {
        const picture = await store.byId(each);
        if (picture) pictures.push(picture);
      }
      return page(titleOf(album), [
        ...(album.description === null ? [] : [`<p>${escape(album.description)}</p>`]),
        ...pictures.map(imageOf),
        ...(pictures.length === 0 ? ['<p>Its pictures are gone.</p>'] : []),
      ]);
    },

    async askDelete(deletehash) {
      const { picture, album } = await find(deletehash);
      if (!picture && !album) return notFound('There is nothing to delete here any more.');
      const what = picture ? 'picture' : 'album';
      return page(`Delete this ${what}?`, [
        picture ? imageOf(picture) : `<p>${escape(titleOf(album))}. Its pictures stay.</p>`,
        `<form method="post"><button>Delete the ${what} for good</button></form>`,
      ]);
    },

    async delete(deletehash) {
      const { picture, album } = await find(deletehash);
      if (picture) await store.remove(picture);
      else if (album) await store.removeAlbum(album);
      else return notFound('There is nothing to delete here any more.');
      return page(picture ? 'The picture is deleted.' : 'The album is deleted.', []);
    },
  };
}

function titleOf(album: Album | undefined): string {
  return album?.title ? album.title : 'Untitled album';
}

function imageOf({ id, ext, title, width, height }: PictureRecord): string {
  const size = width > 0 && height > 0 ? ` width="${width}" height="${height}"` : '';
  return `<img src="../${id}.${ext}" alt="${escape(title ?? '')}"${size} loading="lazy">`;
}

function notFound(what: string): Page {
  return { ...page(what, []), status: 404 };
}

function page(title: string, body: readonly string[]): Page {
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    `<meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<h1>${escape(title)}</h1>`,
    ...body,
    '</html>',
  ];
  return { status: 200, html: `${lines.join('\n')}\n` };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
