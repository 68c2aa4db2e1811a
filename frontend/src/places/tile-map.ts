// The city's tile map, loaded only when somebody adjusts a place and the operator has set a tile address.
import { circle, GridLayer, map, TileLayer, type Circle, type Map } from 'leaflet';
import 'leaflet/dist/leaflet.css';
import type { MapView } from './crosshair';
import { round, type Point, type Zoom } from './movement';

/** Metres per pixel of the whole world on one tile, at the equator. */
const METRES_PER_PIXEL = 156_543.03;

interface Removes {
  _removeTile(key: string): void;
}

/** Leaflet empties the images of tiles that it drops with a `data:` address, which our policy forbids; dropping them is enough. */
const QuietTiles = TileLayer.extend({
  _abortLoading: () => undefined,
  _removeTile(key: string): void {
    (GridLayer.prototype as unknown as Removes)._removeTile.call(this, key);
  },
}) as unknown as typeof TileLayer;

export class TileMap implements MapView {
  private readonly map: Map;
  private spot: Circle | undefined;
  onDrag: (to: Point) => void = () => undefined;

  constructor(window: HTMLElement, tileUrl: string, attribution: string) {
    this.map = map(window, { zoomControl: false, keyboard: false, zoomSnap: 0, scrollWheelZoom: 'center' });
    this.map.attributionControl.setPrefix(false);
    new QuietTiles(tileUrl, { attribution, maxZoom: 19 }).addTo(this.map);
    this.map.on('dragend', () => {
      const { lat, lng } = this.map.getCenter();
      this.onDrag({ lat: round(lat), lon: round(lng) });
    });
  }

  look(at: Point, zoom: Zoom, window: Element): void {
    const perPixel = zoom.width / (window.clientWidth || 1);
    const level = Math.log2((METRES_PER_PIXEL * Math.cos((at.lat * Math.PI) / 180)) / perPixel);
    this.map.invalidateSize().setView([at.lat, at.lon], Math.min(19, level), { animate: false });
  }

  mark(point: Point, accuracy: number): void {
    this.spot?.remove();
    this.spot = circle([point.lat, point.lon], { radius: accuracy, interactive: false });
    this.map.whenReady(() => this.spot?.addTo(this.map));
  }
}
