// Brings the maps: the drawn one by one small request, the tile map as a chunk of its own and only when it is wanted.
import { Lost, parsePage, request } from '../lib/http';
import { part } from '../lib/page';
import { CityMap } from './city-map';
import { Crosshair, type MapView } from './crosshair';
import type { Point } from './movement';

/** `null` when it cannot be had: the place is then shown without the county's name. */
export async function openCityMap(window: HTMLElement | null): Promise<CityMap | null> {
  const url = window?.dataset['mapUrl'];
  if (!url) return null;
  try {
    const response = await request(url);
    const svg = response.ok ? parsePage(await response.text()).querySelector('svg') : null;
    return svg ? new CityMap(document.importNode(svg, true)) : null;
  } catch (error) {
    if (error instanceof Lost) return null;
    throw error;
  }
}

type Moved = (to: Point, step: number) => void;

export async function openCrosshair(
  strip: HTMLElement,
  root: HTMLElement,
  drawn: CityMap | null,
  moved: Moved,
): Promise<Crosshair | null> {
  const window = part(root, 'map');
  if (!window) return null;
  const { tileUrl, tileAttribution = '' } = strip.dataset;
  if (tileUrl) {
    try {
      const { TileMap } = await import('./tile-map');
      const tiles = new TileMap(window, tileUrl, tileAttribution);
      const crosshair = build(tiles);
      tiles.onDrag = to => crosshair.draggedTo(to);
      return crosshair;
    } catch {
      // No connection for the chunk: the drawn map does.
    }
  }
  if (!drawn) return null;
  window.replaceChildren(drawn.svg);
  return build(drawn);

  function build(view: MapView): Crosshair {
    const middle = drawn?.middle ?? { lat: 0, lon: 0 };
    return new Crosshair(root, window as HTMLElement, view, middle, moved);
  }
}
