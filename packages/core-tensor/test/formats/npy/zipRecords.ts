/** Finds the records of an archive without a comment, so that tests can damage one field. */
export interface ZipRecords {
  /** Where each entry's local header stands. */
  readonly local: readonly number[];
  /** Where each entry's record in the central directory stands. */
  readonly central: readonly number[];
  readonly end: number;
}

export function zipRecords(archive: Uint8Array): ZipRecords {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - 22;
  const central: number[] = [];
  for (let at = view.getUint32(end + 16, true); at < end; ) {
    central.push(at);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return { local: central.map((at) => view.getUint32(at + 42, true)), central, end };
}

/** A copy with other numbers of 2 or 4 bytes at some places. */
export function patched(archive: Uint8Array, ...changes: [at: number, width: 2 | 4, value: number][]): Uint8Array {
  const copy = new Uint8Array(archive);
  const view = new DataView(copy.buffer);
  for (const [at, width, value] of changes) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return copy;
}
