import { quote } from "../quote.ts";
import { STORED, type ZipDirectory, type ZipEntry, flagBits, records, zipError } from "./zipDirectory.ts";

/** An entry's bytes as they lie in the archive. */
export interface ZipContent {
  readonly entry: ZipEntry;
  /** First byte of the content, and the byte after its last one. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Where the content of every entry lies. Local headers must say what the directory says, and no two entries may share a
 * byte: overlapping ones are how small archives become huge (Fifield, "A better zip bomb", WOOT 2019).
 *
 * @throws NpyError (`invalid-zip`, `overlap`, `size-mismatch`).
 */
export function locateContents(bytes: Uint8Array, { entries, begin: limit }: ZipDirectory): ZipContent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents = entries.map((entry) => locate(view, entry, limit));
  const inOrder = contents.toSorted((a, b) => a.entry.offset - b.entry.offset);
  for (let i = 1; i < inOrder.length; i++) {
    const [before, after] = [inOrder[i - 1] as ZipContent, inOrder[i] as ZipContent];
    if (after.entry.offset < before.end) {
      const message = `entry ${quote(after.entry.name)} lies over entry ${quote(before.entry.name)}`;
      throw zipError("overlap", after.entry.offset, message);
    }
  }
  return contents;
}

function locate(view: DataView, entry: ZipEntry, limit: number): ZipContent {
  const at = entry.offset;
  const label = `entry ${quote(entry.name)}`;
  const fail = (what: string): never => {
    throw zipError("invalid-zip", Math.min(at, view.byteLength), `${label}: ${what}`);
  };
  const { signature, bytes: fixed } = records.local;
  if (at + fixed > limit || view.getUint32(at, true) !== signature) fail("expected its header here");
  const [nameBytes, extraBytes] = [view.getUint16(at + 26, true), view.getUint16(at + 28, true)];
  const begin = at + fixed + nameBytes + extraBytes;
  const end = begin + entry.compressedBytes;
  if (end > limit) fail("expected it to end before the central directory");
  if (!nameAgrees(view, at + fixed, nameBytes, entry.name)) fail("its own header has another name");
  if (view.getUint16(at + 6, true) !== entry.flags) fail("its own header has other flags");
  if (view.getUint16(at + 8, true) !== entry.method) fail("its own header has another compression method");
  if (!(entry.flags & flagBits.descriptorFollows)) {
    if (view.getUint32(at + 14, true) !== entry.crc) fail("its own header has another checksum");
    const sizes = localSizes(view, at, nameBytes, extraBytes);
    if (sizes.compressed !== BigInt(entry.compressedBytes) || sizes.plain !== BigInt(entry.bytes)) {
      fail("its own header has other sizes");
    }
  }
  if (entry.method === STORED && entry.bytes !== entry.compressedBytes) {
    const message = `${label}: ${entry.bytes} bytes, stored as they are, are said to take ${entry.compressedBytes}`;
    throw zipError("size-mismatch", at, message);
  }
  return { entry, begin, end };
}

function nameAgrees(view: DataView, at: number, length: number, name: string): boolean {
  const expected = new TextEncoder().encode(name);
  return expected.length === length && expected.every((byte, i) => byte === view.getUint8(at + i));
}

/** Sizes in a local header: Python's zipfile writes them as zip64 (4.5.3) whatever they are. */
function localSizes(
  view: DataView,
  at: number,
  nameBytes: number,
  extraBytes: number,
): { compressed: bigint; plain: bigint } {
  let [compressed, plain] = [BigInt(view.getUint32(at + 18, true)), BigInt(view.getUint32(at + 22, true))];
  const [begin, end] = [at + records.local.bytes + nameBytes, at + records.local.bytes + nameBytes + extraBytes];
  for (let field = begin; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    const fieldEnd = field + 4 + view.getUint16(field + 2, true);
    if (view.getUint16(field, true) !== ZIP64_FIELD || fieldEnd > end) continue;
    let next = field + 4;
    const take = (): bigint => {
      next += 8;
      return next <= fieldEnd ? view.getBigUint64(next - 8, true) : NO_SIZE;
    };
    if (plain === IN_ZIP64) plain = take();
    if (compressed === IN_ZIP64) compressed = take();
    break;
  }
  return { compressed, plain };
}

const ZIP64_FIELD = 1;
const IN_ZIP64 = 0xffffffffn;
const NO_SIZE = -1n;
