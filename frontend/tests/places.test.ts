import { describe, expect, test, vi } from 'vitest';
import { isInside } from '../src/places/city-map';
import { filterTownships, pickedPlace } from '../src/places/divisions';
import { locate, type Fix } from '../src/places/locate';
import {
  gridStep,
  metresPerDegree,
  move,
  ON_FOUND,
  shift,
  WHOLE_CITY,
  zoomFor,
  ZOOMS,
  type Point,
} from '../src/places/movement';

const TIANSHUI: Point = { lat: 34.58, lon: 105.72 };

function metresBetween(one: Point, other: Point): number {
  const { lat, lon } = metresPerDegree(one.lat);
  return Math.hypot((other.lat - one.lat) * lat, (other.lon - one.lon) * lon);
}

describe('moving the crosshair', () => {
  test.each(['north', 'south', 'east', 'west'] as const)('moves as far to the %s as it says', direction => {
    for (const { step } of ZOOMS) expect(metresBetween(TIANSHUI, move(TIANSHUI, direction, step))).toBeCloseTo(step, 0);
  });

  test('moves the right way', () => {
    expect(move(TIANSHUI, 'north', 50).lat).toBeGreaterThan(TIANSHUI.lat);
    expect(move(TIANSHUI, 'east', 50).lon).toBeGreaterThan(TIANSHUI.lon);
    expect(move(TIANSHUI, 'north', 50).lon).toBe(TIANSHUI.lon);
  });

  test('there and back is where one was, to 11 cm', () => {
    const back = move(move(TIANSHUI, 'west', 10), 'east', 10);
    expect(metresBetween(TIANSHUI, back)).toBeLessThan(0.2);
    expect(shift(TIANSHUI, 0, 0)).toEqual(TIANSHUI);
  });

  test('points in steps of 10 and 50 metres when near', () => {
    expect(ZOOMS.slice(0, 2).map(zoom => zoom.step)).toEqual([10, 50]);
  });

  test('shows the whole doubt of the phone', () => {
    expect(zoomFor(18)).toBe(ON_FOUND);
    expect(ZOOMS[zoomFor(1_200)]?.width).toBeGreaterThanOrEqual(3_600);
    expect(zoomFor(9_999_999)).toBe(WHOLE_CITY);
  });

  test('draws a grid of round metres', () => {
    expect(ZOOMS.map(zoom => gridStep(zoom.width))).toEqual([50, 200, 1_000, 5_000, 20_000, 50_000]);
  });
});

describe('which county', () => {
  const square = 'M0 0L10 0L10 10L0 10Z';

  test.each([
    [5, 5, true],
    [11, 5, false],
    [5, -1, false],
  ])('tells %s %s in a square', (x, y, inside) => expect(isInside(square, x, y)).toBe(inside));

  test('takes the corners of curves and leaves their handles out', () => {
    const drawn = 'M0 0C99 99 99 99 10 0C-9 -9 -9 -9 10 10C0 0 0 0 0 10Z';
    expect(isInside(drawn, 5, 5)).toBe(true);
    expect(isInside(drawn, 12, 12)).toBe(false);
  });

  test('knows holes', () => expect(isInside(`${square}M4 4L6 4L6 6L4 6Z`, 5, 5)).toBe(false));
});

describe('the list of divisions', () => {
  const list = () => {
    document.body.innerHTML = `
      <input type="radio" name="county_code" value="1" data-county data-name="秦州区">
      <input type="radio" name="county_code" value="2" data-county data-name="麦积区">
      <select data-township><option value="">?</option>
        <optgroup data-county-code="1"><option value="11">大城街道</option></optgroup>
        <optgroup data-county-code="2"><option value="21">桥南街道</option></optgroup></select>
      <input data-landmark>`;
    const counties = Array.from(document.querySelectorAll<HTMLInputElement>('[data-county]'));
    return { counties, townships: document.querySelector('select') as HTMLSelectElement };
  };

  test('shows the townships of the picked county and drops one of another', () => {
    const { counties, townships } = list();
    townships.value = '11';
    (counties[1] as HTMLInputElement).checked = true;
    filterTownships(counties, townships);
    expect(Array.from(townships.querySelectorAll('optgroup'), group => group.hidden)).toEqual([true, false]);
    expect(townships.value).toBe('');
  });

  test('says the place from the county down', () => {
    const { counties, townships } = list();
    expect(pickedPlace(document)).toBe('');
    (counties[1] as HTMLInputElement).checked = true;
    townships.value = '21';
    (document.querySelector('[data-landmark]') as HTMLInputElement).value = ' 东桥头 ';
    expect(pickedPlace(document)).toBe('麦积区 桥南街道 东桥头');
  });
});

describe('asking the phone', () => {
  type Found = (position: { coords: { latitude: number; longitude: number; accuracy: number } }) => void;
  type Failed = (error: Partial<GeolocationPositionError>) => void;

  function phone() {
    const answers = { found: (() => undefined) as Found, failed: (() => undefined) as Failed };
    const geolocation = {
      watchPosition: vi.fn((found: Found, failed: Failed) => (Object.assign(answers, { found, failed }), 7)),
      clearWatch: vi.fn(),
    };
    vi.stubGlobal('navigator', { geolocation });
    const fixes: Fix[] = [];
    const search = locate(fix => fixes.push(fix));
    const fix = (accuracy: number) => answers.found({ coords: { latitude: 34.5, longitude: 105.7, accuracy } });
    return { answers, geolocation, fixes, search, fix };
  }

  test('takes a rough fix at once and ends with a good one', async () => {
    const { fixes, search, fix, geolocation } = phone();
    fix(900);
    fix(18.4);
    expect(await search.ended).toBe('');
    expect(fixes.map(each => each.accuracy)).toEqual([900, 18]);
    expect(geolocation.clearWatch).toHaveBeenCalledWith(7);
  });

  test('tells a refusal from a phone that cannot', async () => {
    const refused = phone();
    refused.answers.failed({ code: 1, PERMISSION_DENIED: 1 });
    expect(await refused.search.ended).toBe('denied');
    const lost = phone();
    lost.answers.failed({ code: 3, PERMISSION_DENIED: 1 });
    expect(await lost.search.ended).toBe('unavailable');
  });

  test('is content with a rough fix after ten seconds', async () => {
    vi.useFakeTimers();
    const { search, fix } = phone();
    fix(400);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await search.ended).toBe('');
    vi.useRealTimers();
  });

  test('ends quietly when the person chose another place', async () => {
    const { search } = phone();
    search.stop();
    expect(await search.ended).toBe('');
  });

  test('does without', async () => {
    vi.stubGlobal('navigator', {});
    expect(await locate(() => undefined).ended).toBe('unavailable');
  });
});
