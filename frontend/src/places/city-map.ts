// The drawn map of the city: which county a point lies in, and the window that the crosshair looks through.
import type { MapView } from './crosshair';
import { gridStep, metresPerDegree, type Point, type Zoom } from './movement';

const SVG = 'http://www.w3.org/2000/svg';

interface County {
  code: string;
  name: string;
}

const NEAR_WIDTH = 16_000;
const GROUND = ['edge', 'land', 'border', 'river', 'grid', 'spot'];
const SIGNS = `:scope > ${GROUND.map(name => `:not(.map__${name})`).join('')}`;

function dress(shape: SVGElement, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  shape.setAttribute('vector-effect', 'non-scaling-stroke');
}

export class CityMap implements MapView {
  private readonly west: number;
  private readonly north: number;
  private readonly scaleX: number;
  private readonly scaleY: number;
  private readonly grid = document.createElementNS(SVG, 'path');
  private readonly spot = document.createElementNS(SVG, 'circle');

  /** The drawing tells its own projection: the corner in degrees, and user units per degree. */
  constructor(readonly svg: SVGSVGElement) {
    const { west, north, scale, scaleX, scaleY } = svg.dataset;
    this.west = Number(west);
    this.north = Number(north);
    this.scaleX = Number(scaleX ?? scale);
    this.scaleY = Number(scaleY ?? scale);
    dress(this.grid, { class: 'map__grid', fill: 'none', stroke: 'currentColor', 'stroke-opacity': '0.3' });
    dress(this.spot, { class: 'map__spot', fill: 'currentColor', 'fill-opacity': '0.12', stroke: 'currentColor' });
    svg.append(this.grid, this.spot);
  }

  private x(lon: number): number {
    return (lon - this.west) * this.scaleX;
  }

  private y(lat: number): number {
    return (this.north - lat) * this.scaleY;
  }

  get hasCounties(): boolean {
    return !!this.svg.querySelector('path[data-code]');
  }

  get middle(): Point {
    const box = this.svg.viewBox.baseVal;
    const lon = this.west + (box.x + box.width / 2) / this.scaleX;
    return { lat: this.north - (box.y + box.height / 2) / this.scaleY, lon };
  }

  /** Drawn outlines are schematic: this is a name to show, never a decision about who is responsible. */
  countyAt(point: Point): County | null {
    for (const path of this.svg.querySelectorAll<SVGPathElement>('path[data-code]')) {
      if (isInside(path.getAttribute('d') ?? '', this.x(point.lon), this.y(point.lat))) {
        return { code: path.dataset['code'] ?? '', name: path.dataset['name'] ?? '' };
      }
    }
    return null;
  }

  /** Moves the map under the crosshair. */
  look(at: Point, zoom: Zoom, window: Element): void {
    const tallness = window.clientHeight / (window.clientWidth || 1) || 1;
    const { lat, lon } = metresPerDegree(at.lat);
    const width = (zoom.width / lon) * this.scaleX;
    const height = ((zoom.width * tallness) / lat) * this.scaleY;
    this.svg.setAttribute(
      'viewBox',
      [this.x(at.lon) - width / 2, this.y(at.lat) - height / 2, width, height].join(' '),
    );
    // Degrees are narrower than they are tall here; the map is drawn so that metres are square.
    this.svg.setAttribute('preserveAspectRatio', 'none');
    // Names, seats and hills are signs of a size of their own: from near they would cover everything.
    const isNear = zoom.width <= NEAR_WIDTH;
    for (const sign of this.svg.querySelectorAll(SIGNS)) {
      if (isNear) sign.setAttribute('display', 'none');
      else sign.removeAttribute('display');
    }
    this.drawGrid(at, zoom, tallness);
  }

  /** Shows what the phone found, with its doubt as a circle, so that one sees how far one has moved from it. */
  mark(point: Point, accuracy: number): void {
    this.spot.setAttribute('cx', String(this.x(point.lon)));
    this.spot.setAttribute('cy', String(this.y(point.lat)));
    this.spot.setAttribute('r', String((accuracy / metresPerDegree(point.lat).lat) * this.scaleY));
  }

  private drawGrid(at: Point, zoom: Zoom, tallness: number): void {
    const metres = metresPerDegree(at.lat);
    const step = gridStep(zoom.width);
    const stepX = (step / metres.lon) * this.scaleX;
    const stepY = (step / metres.lat) * this.scaleY;
    const half = Math.ceil((zoom.width * Math.max(1, tallness)) / 2 / step) + 1;
    // Lines stay where they are on the ground, so that a press is seen as movement.
    const x0 = Math.round(this.x(at.lon) / stepX) * stepX;
    const y0 = Math.round(this.y(at.lat) / stepY) * stepY;
    let d = '';
    for (let line = -half; line <= half; line++) {
      d += `M${x0 + line * stepX} ${y0 - half * stepY}v${2 * half * stepY}`;
      d += `M${x0 - half * stepX} ${y0 + line * stepY}h${2 * half * stepX}`;
    }
    this.grid.setAttribute('d', d);
  }
}

/** Even-odd rule over the corners of a path of absolute M, L and C; how a curve swings between them is the drawing's art. */
export function isInside(d: string, x: number, y: number): boolean {
  let inside = false;
  for (const ring of d.split('M').slice(1)) {
    const corners = cornersOf(ring);
    corners.forEach(([ax, ay], at) => {
      const [bx, by] = corners[(at || corners.length) - 1] as [number, number];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    });
  }
  return inside;
}

function cornersOf(ring: string): [number, number][] {
  const corners: [number, number][] = [];
  for (const [, letter = 'M', values = ''] of ring.matchAll(/([LC]?)([^LCZ]+)/g)) {
    const numbers = (values.match(/-?[\d.]+/g) ?? []).map(Number);
    // A curve has two handles before its corner.
    const stride = letter === 'C' ? 6 : 2;
    for (let at = stride; at <= numbers.length; at += stride) {
      corners.push([numbers[at - 2] as number, numbers[at - 1] as number]);
    }
  }
  return corners;
}
