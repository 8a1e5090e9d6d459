import { File } from 'node:buffer';
import { readTextFiles } from '../../../web/text-files';

const read = (...files: File[]) => readTextFiles(files as unknown as globalThis.File[]);

describe('files that are dropped or chosen', () => {
  it('are taken as text, one behind the other', async () => {
    const files = [new File(['http://a.example/1\n'], 'a.txt'), new File(['ü'], 'b.csv')];
    expect(await read(...files)).toEqual({ text: 'http://a.example/1\nü', refused: null });
  });

  it.each([
    [new File(['x'], 'cat.png', { type: 'image/png' }), '“cat.png” is a picture'],
    [new File([new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])], 'list.zip'), '“list.zip” is not a text'],
    [new File([new Uint8Array([0xff, 0xfe, 0x41])], 'list.doc'), '“list.doc” is not a text file.'],
    [new File([new Uint8Array(10_000_001)], 'all.txt'), '“all.txt” is too long'],
  ])('are refused by name: %#', async (file, refused) => {
    expect(await read(file, new File(['http://a.example/1'], 'a.txt'))).toEqual({
      text: 'http://a.example/1',
      refused: expect.stringContaining(refused) as string,
    });
  });
});
