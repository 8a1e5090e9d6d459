// Runs inside the container: a source of pictures that are to be converted, made by the image's own
// sharp, in the format that the path names: a WebP of 16 megapixels, and a small AVIF.
const { createServer } = require('node:http');
const sharp = require('/app/node_modules/sharp');

const made = (side, format) =>
  sharp('samples/nebula.jpg')
    .resize(side, side, { fit: 'fill' })
    .toFormat(format, { effort: 0 })
    .toBuffer();
const pictures = { '/webp': made(4000, 'webp'), '/avif': made(500, 'avif') };

createServer(async ({ url }, response) => {
  const picture = await pictures[url];
  response.writeHead(200, { 'content-length': picture.length }).end(picture);
}).listen(8080, '127.0.0.1');
