// Builds small JPEGs byte by byte, so that each test says what is in its EXIF.

export type Tag = [tag: number, type: number, values: number[] | string];

const SIZE: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };

/** A TIFF structure with the root directory, the EXIF directory and the GPS directory. */
export function tiff(little: boolean, exif: Tag[], gps: Tag[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2048));
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  let free = 8;
  const write = (tags: Tag[]): number => {
    const start = free;
    free += 2 + tags.length * 12 + 4;
    view.setUint16(start, tags.length, little);
    tags.forEach(([tag, type, values], index) => {
      const entry = start + 2 + index * 12;
      const list = typeof values === 'string' ? [...values].map(letter => letter.charCodeAt(0)) : values;
      const count = type === 5 ? list.length / 2 : list.length;
      view.setUint16(entry, tag, little);
      view.setUint16(entry + 2, type, little);
      view.setUint32(entry + 4, count, little);
      const bytes = (SIZE[type] ?? 1) * count;
      const at = bytes <= 4 ? entry + 8 : free;
      if (bytes > 4) {
        view.setUint32(entry + 8, free, little);
        free += bytes;
      }
      const width = type === 5 ? 4 : (SIZE[type] ?? 1);
      list.forEach((value, place) => {
        if (width === 1) view.setUint8(at + place, value);
        else if (width === 2) view.setUint16(at + place * 2, value, little);
        else view.setUint32(at + place * 4, value, little);
      });
    });
    return start;
  };
  const root: Tag[] = [
    [0x8769, 4, [0]],
    [0x8825, 4, [0]],
  ];
  const rootAt = write(root);
  view.setUint32(rootAt + 2 + 8, write(exif), little);
  view.setUint32(rootAt + 14 + 8, write(gps), little);
  return new Uint8Array(view.buffer, 0, free);
}

export function jpeg(exif: Uint8Array | null, width = 4000, height = 3000): DataView<ArrayBuffer> {
  const bytes: number[] = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0];
  if (exif) {
    const length = exif.length + 8;
    bytes.push(0xff, 0xe1, length >> 8, length & 255, 0x45, 0x78, 0x69, 0x66, 0, 0, ...exif);
  }
  bytes.push(0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0);
  bytes.push(0xff, 0xda, 0, 2, 0, 0, 0xff, 0xd9);
  return new DataView(new Uint8Array(bytes).buffer);
}
