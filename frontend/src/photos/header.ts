// Reads size and EXIF position from a photo's first bytes, before anything is decoded: a bomb is met here, not in memory.

export interface Header {
  type: 'jpeg' | 'png' | 'other';
  width: number;
  height: number;
  /** Where the TIFF structure of the EXIF segment starts; 0 when there is none. */
  exifAt: number;
  exifEnd: number;
}

const NOTHING: Header = { type: 'other', width: 0, height: 0, exifAt: 0, exifEnd: 0 };

export function readHeader(bytes: DataView): Header {
  try {
    if (bytes.getUint16(0) === 0xffd8) return readJpeg(bytes);
    if (bytes.getUint32(0) === 0x89504e47 && bytes.getUint32(12) === 0x49484452) {
      return { ...NOTHING, type: 'png', width: bytes.getUint32(16), height: bytes.getUint32(20) };
    }
  } catch {
    // Too short to be a photo.
  }
  return NOTHING;
}

function readJpeg(bytes: DataView): Header {
  const header: Header = { ...NOTHING, type: 'jpeg' };
  for (let at = 2; at + 9 < bytes.byteLength && bytes.getUint8(at) === 0xff; at += 2 + bytes.getUint16(at + 2)) {
    const marker = bytes.getUint8(at + 1);
    if (marker === 0xe1 && !header.exifAt && bytes.getUint32(at + 4) === 0x45786966) {
      header.exifAt = at + 10;
      header.exifEnd = Math.min(bytes.byteLength, at + 2 + bytes.getUint16(at + 2));
    }
    if (isFrame(marker)) {
      header.height = bytes.getUint16(at + 5);
      header.width = bytes.getUint16(at + 7);
    }
    if (isFrame(marker) || marker === 0xda) break;
  }
  return header;
}

/** SOF0–SOF15 without the three markers in that range which are tables. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
