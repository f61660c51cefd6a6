import { crc32 } from '../../components/pictures/png-texts.js';

/** A PNG of one grey, at one bit a pixel: small as a file, however large as a picture. */
export async function largePng(width: number, height: number): Promise<Blob> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 1);
  const rows = new Uint8Array((1 + Math.ceil(width / 8)) * height);
  const packed = await new Response(
    new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate')),
  ).arrayBuffer();
  const signature = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const parts = [
    signature,
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', new Uint8Array(packed)),
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Blob(parts, { type: 'image/png' });
}

function chunk(type: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** A JPEG as a phone writes it that was held upright: turned by its EXIF orientation, 6. */
export async function turnedJpeg(canvas: HTMLCanvasElement): Promise<Blob> {
  const jpeg = await new Promise<Blob>((done) =>
    canvas.toBlob((blob) => done(blob!), 'image/jpeg', 1),
  );
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  const tiff = [
    0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
  ];
  const exif = [...new TextEncoder().encode('Exif'), 0, 0, ...tiff];
  const segment = new Uint8Array([0xff, 0xe1, 0, exif.length + 2, ...exif]);
  return new Blob([bytes.slice(0, 2), segment, bytes.slice(2)], { type: 'image/jpeg' });
}

/** A GIF of two frames, the first white, the second black; 2 x 2 pixels. */
export function animatedGif(): Blob {
  const frame = (index: number) => {
    const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
    const place = [0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0];
    // Codes of 3 bits: clear (4), four pixels, end (5); the dictionary grows to 4 bits after the third pixel.
    const codes: [number, number][] = [
      [4, 3],
      [index, 3],
      [index, 3],
      [index, 3],
      [index, 4],
      [5, 4],
    ];
    let [packed, bits] = [0, 0];
    for (const [code, width] of codes) {
      packed |= code << bits;
      bits += width;
    }
    const data = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
    return [...control, ...place, 2, data.length, ...data, 0];
  };
  const start = [...new TextEncoder().encode('GIF89a'), 2, 0, 2, 0, 0x80, 0, 0];
  const palette = [255, 255, 255, 0, 0, 0];
  return new Blob([new Uint8Array([...start, ...palette, ...frame(0), ...frame(1), 0x3b])], {
    type: 'image/gif',
  });
}
