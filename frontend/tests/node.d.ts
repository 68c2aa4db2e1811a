// The one thing that tests take from Node; its whole type package is not needed for it.
declare module 'node:buffer' {
  const Blob: typeof globalThis.Blob;
  const File: typeof globalThis.File;
}
