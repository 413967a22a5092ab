import { NpyError, type NpyErrorCode } from "./error.ts";
import { quote } from "../quote.ts";

/** A file in an archive, as the central directory has it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where its local header starts in the archive. */
  readonly offset: number;
}

/** Signatures and sizes of the records; names and numbers of sections from PKWARE's APPNOTE.TXT 6.3. */
export const records = {
  /** 4.3.7 */
  local: { signature: 0x04034b50, bytes: 30 },
  /** 4.3.12 */
  central: { signature: 0x02014b50, bytes: 46 },
  /** 4.3.16 */
  end: { signature: 0x06054b50, bytes: 22 },
} as const;

/** Bits of the flags (4.4.4). */
export const flagBits = {
  encrypted: 0x1,
  /** Sizes and checksum stand behind the content and not before it. */
  descriptorFollows: 0x8,
  strongEncryption: 0x40,
  utf8Name: 0x800,
  maskedHeader: 0x2000,
} as const;

export const STORED = 0;
export const DEFLATED = 8;

/** Values that say: the number stands in a zip64 field. */
const NO_SHORT = 0xffff;
const NO_LONG = 0xffffffff;

/** Longest comment at the end of an archive. */
const MAX_COMMENT_BYTES = 0xffff;

export function zipError(code: NpyErrorCode, offset: number, reason: string): NpyError {
  return new NpyError(code, offset, reason, "npz");
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the central directory starts: everything that belongs to an entry lies before. */
  readonly begin: number;
}

/**
 * The central directory of a zip archive, which has to stand at its end, with as many records and bytes as the archive
 * says, each name once.
 *
 * @throws NpyError (`invalid-zip`, `unsupported-zip`, `duplicate-entry`).
 */
export function readDirectory(bytes: Uint8Array): ZipDirectory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const [disk, firstDisk, here, count] = [4, 6, 8, 10].map((at) => view.getUint16(end + at, true)) as Quadruple;
  const [size, begin] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  if (count === NO_SHORT || size === NO_LONG || begin === NO_LONG) {
    throw zipError("unsupported-zip", end, "zip64 (more than 4 GiB or 65534 entries) cannot be read");
  }
  if (disk !== 0 || firstDisk !== 0 || here !== count) {
    throw zipError("unsupported-zip", end, "archives in several parts cannot be read");
  }
  if (begin + size !== end) {
    const message = `expected the directory to end here, got one of ${size} bytes at byte ${begin}`;
    throw zipError("invalid-zip", end, message);
  }
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = begin;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readRecord(view, at, end);
    if (names.has(entry.name)) {
      throw zipError("duplicate-entry", at, `the entry ${quote(entry.name)} appears twice`);
    }
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (at !== end) throw zipError("invalid-zip", at, `expected ${count} entries in the directory, got more bytes`);
  return { entries, begin };
}

type Quadruple = [number, number, number, number];

/** The end record: the last one whose comment reaches to the end of the file. */
function findEnd(view: DataView): number {
  const last = view.byteLength - records.end.bytes;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) !== records.end.signature) continue;
    if (at + records.end.bytes + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw zipError("invalid-zip", view.byteLength, "expected an end record of a zip archive before this");
}

function readRecord(view: DataView, at: number, end: number): { entry: ZipEntry; next: number } {
  const { signature, bytes: fixed } = records.central;
  if (at + fixed > end || view.getUint32(at, true) !== signature) {
    throw zipError("invalid-zip", at, "expected a record of the central directory");
  }
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const [nameBytes, extraBytes, commentBytes, disk] = [28, 30, 32, 34].map((i) =>
    view.getUint16(at + i, true),
  ) as Quadruple;
  const next = at + fixed + nameBytes + extraBytes + commentBytes;
  if (next > end) throw zipError("invalid-zip", at, "a record that goes on after the central directory");
  const [crc, compressedBytes, bytes] = [16, 20, 24].map((i) => view.getUint32(at + i, true)) as [
    number,
    number,
    number,
  ];
  const offset = view.getUint32(at + 42, true);
  const name = decodeName(new Uint8Array(view.buffer, view.byteOffset + at + fixed, nameBytes), flags, at);
  const entry = { name, method, flags, crc, compressedBytes, bytes, offset };
  checkKind(entry, disk, at);
  return { entry, next };
}

function checkKind({ name, method, flags, compressedBytes, bytes, offset }: ZipEntry, disk: number, at: number): void {
  const refuse = (what: string): never => {
    throw zipError("unsupported-zip", at, `entry ${quote(name)}: ${what} cannot be read`);
  };
  if (flags & (flagBits.encrypted | flagBits.strongEncryption | flagBits.maskedHeader)) refuse("encrypted entries");
  if (method !== STORED && method !== DEFLATED) refuse(`compression method ${method}`);
  if (compressedBytes === NO_LONG || bytes === NO_LONG || offset === NO_LONG || disk === NO_SHORT) {
    refuse("zip64 (more than 4 GiB)");
  }
  if (disk !== 0) refuse("archives in several parts");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Without the flag for UTF-8 only ASCII is the same everywhere. */
function decodeName(bytes: Uint8Array, flags: number, at: number): string {
  if (!(flags & flagBits.utf8Name) && bytes.some((byte) => byte > 127)) {
    throw zipError("unsupported-zip", at, "names in other encodings than UTF-8 cannot be read");
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw zipError("invalid-zip", at, "expected a name in UTF-8");
  }
}
