// happy-dom has no database, and its Blob cannot be stored: the database is a fake, the Blob is Node's.
import 'fake-indexeddb/auto';
import { Blob as NodeBlob, File as NodeFile } from 'node:buffer';

Object.assign(globalThis, { Blob: NodeBlob, File: NodeFile });
