import { ApiError } from '../../../web/api';
import { troubleOf } from '../../../web/upload-words';

describe('why a list was not taken', () => {
  it('names each URL with what is wrong with it, in the words of the page', () => {
    const errors = [
      { pointer: '/urls/1', detail: 'Expected an absolute http or https URL, got "photo.jpg"' },
      { pointer: '/clientId', detail: 'Expected a text of visible characters.' },
    ];
    const refused = new ApiError('refused', 'Not taken.', errors);
    expect(troubleOf(refused, ['https://a.example/', 'photo.jpg'])).toEqual({
      message: 'Not taken.',
      details: ['photo.jpg: It is no link: links begin with https://'],
    });
  });

  it('says that the upload waits for the key', () => {
    const { message } = troubleOf(new ApiError('unauthorized', 'Expected a key.'), []);
    expect(message).toBe('The service asks for a key first. The upload goes on once it has one.');
  });
});
