// A report that is not sent yet: it outlives a closed tab, and it keeps its id, so that sending it twice is harmless.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { newId, newSecret } from '../lib/ids';

export interface PhotoFacts {
  taken_at?: string;
  lat?: number;
  lon?: number;
}

export interface DraftPhoto {
  id: string;
  name: string;
  /** The original until it is prepared, then what is uploaded. */
  blob: Blob;
  prepared: boolean;
  facts: PhotoFacts;
  received: boolean;
  /** When it was added (orders the tiles), and when the server said it has it. */
  at: number;
  receivedAt: number;
}

export type Fields = Record<string, string>;
export type Entries = [name: string, value: string][];

export interface Draft {
  id: string;
  secret: string;
  fields: Fields;
  touched: number;
  /** Send was pressed: it goes out as soon as it can. */
  isWanted: boolean;
  /** The exact bodies of sendings whose outcome is not known, oldest first. */
  attempts: Entries[];
}

const FORGET_AFTER_MS = 7 * 24 * 3_600_000;
/** How long a phone is taken to be still where the photo was taken. */
export const PLACE_KEEPS_MS = 10 * 60_000;
const PLACE_FIELDS = [
  ...['lat', 'lon', 'accuracy_m', 'place_source'],
  ...['county_code', 'township_code', 'landmark'],
] as const;
const OPEN_PATIENCE_MS = 2_000;

interface Schema extends DBSchema {
  draft: { key: string; value: Draft };
  photos: { key: string; value: DraftPhoto };
}

interface Shelf {
  read(): Promise<Draft | undefined>;
  write(draft: Draft | null): Promise<void>;
  photos(): Promise<DraftPhoto[]>;
  keep(photo: DraftPhoto): Promise<void>;
  drop(id: string): Promise<void>;
}

function newDraft(): Draft {
  return { id: newId(), secret: newSecret(), fields: {}, touched: Date.now(), isWanted: false, attempts: [] };
}

export function newPhoto(file: File): DraftPhoto {
  const times = { at: Date.now(), receivedAt: 0 };
  return { id: newId(), name: file.name, blob: file, prepared: false, facts: {}, received: false, ...times };
}

export class DraftStore {
  constructor(
    private readonly shelf: Shelf,
    readonly lasting: boolean,
  ) {}

  /** The unsent report, or a new one; one that nobody touched for a week is forgotten with its photos. */
  async current(): Promise<Draft> {
    const found = await this.shelf.read();
    if (found && Date.now() - found.touched < FORGET_AFTER_MS) return found;
    if (found) await this.discard();
    const draft = newDraft();
    await this.shelf.write(draft);
    return draft;
  }

  /** Whether a report was to be sent and is not known to have arrived. Makes no draft. */
  async isWaiting(): Promise<boolean> {
    const draft = await this.shelf.read();
    return !!draft && (draft.isWanted || draft.attempts.length > 0);
  }

  /** A new photo from the home page: it joins what is unsent, but a place that was found long before is not its place. */
  async begin(photo: DraftPhoto): Promise<void> {
    const draft = await this.current();
    if (Date.now() - draft.touched > PLACE_KEEPS_MS) {
      for (const name of PLACE_FIELDS) delete draft.fields[name];
    }
    // Whoever adds a photo wants to look at it again before it goes.
    draft.isWanted = false;
    await this.shelf.keep(photo);
    await this.save(draft);
  }

  save(draft: Draft): Promise<void> {
    return this.shelf.write({ ...draft, touched: Date.now() });
  }

  async photos(): Promise<DraftPhoto[]> {
    return (await this.shelf.photos()).sort((a, b) => a.at - b.at);
  }

  keep(photo: DraftPhoto): Promise<void> {
    return this.shelf.keep(photo);
  }

  drop(id: string): Promise<void> {
    return this.shelf.drop(id);
  }

  /** Forgets what was sent or refused. Photos that were added after the sending stay, for the next report. */
  async finish(photoIds: string[]): Promise<void> {
    await Promise.all(photoIds.map(id => this.shelf.drop(id)));
    await this.shelf.write(null);
  }

  async discard(): Promise<void> {
    await this.finish((await this.shelf.photos()).map(photo => photo.id));
  }
}

function databaseShelf(db: IDBPDatabase<Schema>): Shelf {
  return {
    read: () => db.get('draft', 'current'),
    write: async draft => void (draft ? await db.put('draft', draft, 'current') : await db.delete('draft', 'current')),
    photos: () => db.getAll('photos'),
    keep: async photo => void (await db.put('photos', photo)),
    drop: id => db.delete('photos', id),
  };
}

function memoryShelf(): Shelf {
  let current: Draft | undefined;
  const photos = new Map<string, DraftPhoto>();
  return {
    read: async () => current,
    write: async draft => void (current = draft ?? undefined),
    photos: async () => Array.from(photos.values()),
    keep: async photo => void photos.set(photo.id, photo),
    drop: async id => void photos.delete(id),
  };
}

async function open(): Promise<DraftStore> {
  const upgrade = (db: IDBPDatabase<Schema>) => {
    db.createObjectStore('draft');
    db.createObjectStore('photos', { keyPath: 'id' });
  };
  try {
    // A blocked database (private mode) throws; an ill one in old Safari never answers.
    const opening = openDB<Schema>('green', 1, { upgrade });
    const late = new Promise<null>(resolve => setTimeout(resolve, OPEN_PATIENCE_MS, null));
    const db = await Promise.race([opening, late]);
    if (db) return new DraftStore(databaseShelf(db), true);
  } catch {
    // Memory it is.
  }
  return new DraftStore(memoryShelf(), false);
}

let opened: Promise<DraftStore> | undefined;

export function openDrafts(): Promise<DraftStore> {
  return (opened ??= open());
}
