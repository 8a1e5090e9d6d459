import type { StoredPicture } from './picture-store';

/**
 * A picture as Imgur's API describes it, with the fields of a reply to an upload. What nobody here
 * counts or judges (views, votes, galleries) has the value of a picture just uploaded.
 *
 * @param link where the picture can be opened.
 */
export function imageData(picture: StoredPicture, link: string): Record<string, unknown> {
  return {
    id: picture.id,
    title: picture.title,
    description: picture.description,
    datetime: picture.datetime,
    type: picture.type,
    animated: picture.animated,
    width: picture.width,
    height: picture.height,
    size: picture.bytes.length,
    views: 0,
    bandwidth: 0,
    vote: null,
    favorite: false,
    nsfw: null,
    section: null,
    account_url: picture.owned ? 'embedded' : null,
    account_id: picture.owned ? 1 : 0,
    is_ad: false,
    in_most_viral: false,
    has_sound: false,
    tags: [],
    ad_type: 0,
    ad_url: '',
    edited: '0',
    in_gallery: false,
    deletehash: picture.deletehash,
    name: picture.name,
    link,
  };
}
