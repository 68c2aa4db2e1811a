// A fixed crosshair over a moving map: buttons, arrow keys or a finger move the map, so that no finger covers the spot.
import { part, parts, show } from '../lib/page';
import { move, ON_FOUND, shift, WHOLE_CITY, ZOOMS, zoomFor, type Direction, type Point, type Zoom } from './movement';

export interface MapView {
  look(at: Point, zoom: Zoom, window: Element): void;
  mark(point: Point, accuracy: number): void;
}

const KEYS: Record<string, Direction> = {
  ArrowUp: 'north',
  ArrowDown: 'south',
  ArrowLeft: 'west',
  ArrowRight: 'east',
};

export class Crosshair {
  private at: Point;
  private zoom = WHOLE_CITY;

  constructor(
    private readonly root: HTMLElement,
    private readonly window: HTMLElement,
    private readonly view: MapView,
    middle: Point,
    private readonly moved: (to: Point, step: number) => void,
  ) {
    this.at = middle;
    for (const button of parts(root, 'move')) {
      button.addEventListener('click', () => this.press(button.dataset['move'] as Direction));
    }
    for (const button of parts(root, 'zoom')) {
      button.addEventListener('click', () => this.turnZoom(button.dataset['zoom'] === 'in' ? -1 : 1));
    }
    root.addEventListener('keydown', event => {
      const direction = KEYS[event.key];
      if (!direction) return;
      event.preventDefault();
      this.press(direction);
    });
    this.letDrag();
  }

  /** Shows a place that is known already, or the whole city. */
  open(point: Point | null, accuracy: number): void {
    show(this.root);
    if (point) {
      this.at = point;
      this.zoom = accuracy ? zoomFor(accuracy) : ON_FOUND;
      this.view.mark(point, accuracy);
    }
    this.look();
  }

  /** Called when the map itself was dragged (Leaflet does that on its own). */
  draggedTo(point: Point): void {
    this.at = point;
    this.moved(point, this.scale.step);
  }

  private get scale(): Zoom {
    return ZOOMS[this.zoom] as Zoom;
  }

  private press(direction: Direction): void {
    this.draggedTo(move(this.at, direction, this.scale.step));
    this.look();
  }

  private turnZoom(by: number): void {
    this.zoom = Math.min(WHOLE_CITY, Math.max(0, this.zoom + by));
    this.look();
  }

  private look(): void {
    this.view.look(this.at, this.scale, this.window);
    part<HTMLButtonElement>(this.root, 'zoom="in"')?.toggleAttribute('disabled', this.zoom === 0);
    part<HTMLButtonElement>(this.root, 'zoom="out"')?.toggleAttribute('disabled', this.zoom === WHOLE_CITY);
  }

  private letDrag(): void {
    if (!this.window.querySelector(':scope > svg')) return;
    this.window.style.touchAction = 'none';
    this.window.addEventListener('pointerdown', event => this.window.setPointerCapture(event.pointerId));
    this.window.addEventListener('pointermove', event => {
      if (!this.window.hasPointerCapture(event.pointerId)) return;
      const metres = this.scale.width / (this.window.clientWidth || 1);
      this.draggedTo(shift(this.at, -event.movementX * metres, event.movementY * metres));
      this.look();
    });
  }
}
