import { describe, expect, test } from 'vitest';
import { readFacts } from '../src/photos/exif';
import { readHeader } from '../src/photos/header';
import { jpeg, tiff, type Tag } from './jpeg';

const TAKEN: Tag = [0x9003, 2, '2026:11:20 08:30:15\0'];
const OFFSET: Tag = [0x9011, 2, '+08:00\0'];
const TIANSHUI: Tag[] = [
  [1, 2, 'N\0'],
  [2, 5, [34, 1, 34, 1, 4830, 100]],
  [3, 2, 'E\0'],
  [4, 5, [105, 1, 43, 1, 1230, 100]],
];

const facts = (bytes: DataView) => readFacts(bytes, readHeader(bytes));

describe('the EXIF reader', () => {
  test.each([true, false])('reads time and place (little endian: %s)', little => {
    expect(facts(jpeg(tiff(little, [TAKEN, OFFSET], TIANSHUI)))).toEqual({
      taken_at: '2026-11-20T08:30:15+08:00',
      lat: 34.580083,
      lon: 105.720083,
    });
  });

  test('leaves the zone out when the camera did not write it', () => {
    expect(facts(jpeg(tiff(true, [TAKEN], [])))).toEqual({ taken_at: '2026-11-20T08:30:15' });
  });

  test('knows south and west', () => {
    const there = TIANSHUI.map(([tag, type, value]): Tag => [tag, type, tag === 1 ? 'S\0' : tag === 3 ? 'W\0' : value]);
    expect(facts(jpeg(tiff(false, [], there)))).toEqual({ lat: -34.580083, lon: -105.720083 });
  });

  test('takes 0/0 seconds as none', () => {
    const rough: Tag[] = [
      TIANSHUI[0] as Tag,
      [2, 5, [34, 1, 30, 1, 0, 0]],
      TIANSHUI[2] as Tag,
      [4, 5, [105, 1, 30, 1, 0, 0]],
    ];
    expect(facts(jpeg(tiff(true, [], rough)))).toEqual({ lat: 34.5, lon: 105.5 });
  });

  test.each<[string, Tag[], Tag[]]>([
    ['a clock that was never set', [[0x9003, 2, '0000:00:00 00:00:00\0']], []],
    ['an absurd month', [[0x9003, 2, '2026:19:20 08:30:15\0']], []],
    [
      'zero north zero east',
      [],
      [
        [1, 2, 'N\0'],
        [2, 5, [0, 1, 0, 1, 0, 1]],
        [3, 2, 'E\0'],
        [4, 5, [0, 1, 0, 1, 0, 1]],
      ],
    ],
    [
      'a latitude of 134 degrees',
      [],
      [
        [2, 5, [134, 1, 0, 1, 0, 1]],
        [4, 5, [105, 1, 0, 1, 0, 1]],
      ],
    ],
    [
      'a division by zero',
      [],
      [
        [2, 5, [34, 0, 0, 1, 0, 1]],
        [4, 5, [105, 1, 0, 1, 0, 1]],
      ],
    ],
    ['half a place', [], [[2, 5, [34, 1, 0, 1, 0, 1]]]],
  ])('leaves out %s', (_, exif, gps) => {
    expect(facts(jpeg(tiff(true, exif, gps)))).toEqual({});
  });

  test('finds nothing in a photo without EXIF', () => {
    expect(facts(jpeg(null))).toEqual({});
  });

  test('never throws, wherever the bytes are cut or turned', () => {
    const whole = new Uint8Array(jpeg(tiff(true, [TAKEN, OFFSET], TIANSHUI)).buffer);
    for (let length = 0; length <= whole.length; length++) {
      expect(() => facts(new DataView(whole.slice(0, length).buffer))).not.toThrow();
    }
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const broken = whole.slice();
        broken[at] = value;
        expect(() => facts(new DataView(broken.buffer))).not.toThrow();
      }
    }
  });
});

describe('the header reader', () => {
  test('reads the size of a JPEG', () => {
    expect(readHeader(jpeg(tiff(true, [TAKEN], [])))).toMatchObject({ type: 'jpeg', width: 4000, height: 3000 });
  });

  test('reads the size of a PNG', () => {
    const bytes = new DataView(new ArrayBuffer(33));
    [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, 13_000, 13_000].forEach((word, at) => bytes.setUint32(at * 4, word));
    expect(readHeader(bytes)).toMatchObject({ type: 'png', width: 13_000, height: 13_000 });
  });

  test.each([0, 1, 2, 11, 100])('knows nothing of %s zero bytes', length => {
    expect(readHeader(new DataView(new ArrayBuffer(length)))).toMatchObject({ type: 'other', width: 0 });
  });
});
