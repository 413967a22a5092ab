import { deflateSync } from "fflate";
import { byteLength } from "../../tensor/dtype.ts";
import { isHostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { crc32 } from "./crc32.ts";
import { quote } from "../quote.ts";
import { npyBytes } from "./write.ts";
import { DEFLATED, STORED, flagBits, records } from "./zipDirectory.ts";

export interface WriteNpzOptions {
  /** Compress the arrays (deflate)? Default: false. */
  readonly compress?: boolean;
}

/** 1980-01-01 00:00, the earliest that there is: equal tensors give equal bytes. */
const DATE = 0x21;

/** Version 4.5 of the format, for the zip64 field; made on Unix (3). */
const VERSION = 45;
const MADE_BY = (3 << 8) | VERSION;

/** Readable and writable for the owner: what zipfile says. */
const ATTRIBUTES = 0o600 << 16;

/** Size of the zip64 field with both sizes in a local header. */
const ZIP64_BYTES = 20;

const MAX_ENTRIES = 0xfffe;
const MAX_BYTES = 0xfffffffe;

/**
 * The bytes of an npz archive with these tensors, each as `writeNpy` writes it under its key. Uncompressed, these are the
 * bytes that `np.savez` of NumPy >= 1.23 writes on Python >= 3.11.4; equal tensors always give equal bytes.
 *
 * @throws TypeError, DeviceError and RangeError as `writeNpy`; RangeError for names with a null character or a lone
 *   surrogate, for more than 65534 tensors and for an archive of 4 GiB or more.
 * @example await writeFile("data.npz", writeNpz({ x, y }, { compress: true }))
 */
export function writeNpz(
  tensors: Readonly<Record<string, Tensor>>,
  options: WriteNpzOptions = {},
): Uint8Array<ArrayBuffer> {
  const { compress = false } = options;
  const names = Object.keys(tensors);
  if (names.length > MAX_ENTRIES) {
    throw new RangeError(`writeNpz: expected at most ${MAX_ENTRIES} tensors, got ${names.length}`);
  }
  checkSizes(Object.values(tensors), compress);
  let offset = 0;
  const files = Object.entries(tensors).map(([name, value]) => {
    const label = `writeNpz: tensor ${quote(name)}`;
    const content = npyBytes(label, value);
    const file: ZipFile = {
      name: encodeName(label, name),
      crc: crc32(content),
      bytes: content.length,
      content: compress ? deflateSync(content) : content,
      method: compress ? DEFLATED : STORED,
      offset,
    };
    offset += records.local.bytes + file.name.length + ZIP64_BYTES + file.content.length;
    return file;
  });
  const directoryBytes = files.reduce((sum, { name }) => sum + records.central.bytes + name.length, 0);
  const total = offset + directoryBytes + records.end.bytes;
  if (total > MAX_BYTES) throw tooLarge(total);
  return assemble(files, offset, directoryBytes);
}

/** Before anything is copied. */
function checkSizes(tensors: readonly Tensor[], compress: boolean): void {
  const sizes = tensors.map((value) => (isHostTensor(value) ? byteLength(value.dtype, value.size) : 0));
  const least = compress ? Math.max(0, ...sizes) : sizes.reduce((sum, size) => sum + size, 0);
  if (least > MAX_BYTES) throw tooLarge(least);
}

function tooLarge(bytes: number): RangeError {
  return new RangeError(`writeNpz: expected tensors and an archive below 4 GiB, got ${bytes} bytes`);
}

interface ZipFile {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly bytes: number;
  readonly content: Uint8Array;
  readonly method: number;
  readonly offset: number;
}

/** Numbers of 2 or 4 bytes, one after another. */
type Field = readonly [width: 2 | 4, value: number];

function assemble(files: readonly ZipFile[], directoryAt: number, directoryBytes: number): Uint8Array<ArrayBuffer> {
  const archive = new Uint8Array(directoryAt + directoryBytes + records.end.bytes);
  const view = new DataView(archive.buffer);
  let at = 0;
  const number = ([width, value]: Field): void => {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  };
  const bytes = (part: Uint8Array): void => {
    archive.set(part, at);
    at += part.length;
  };
  for (const file of files) {
    localHeader(file).forEach(number);
    bytes(file.name);
    // Zip64 field (4.5.3): the sizes as 64-bit numbers, whose upper halves are 0 here.
    const sizes: Field[] = [
      [4, file.bytes],
      [4, 0],
      [4, file.content.length],
      [4, 0],
    ];
    ([[2, 1], [2, 16], ...sizes] satisfies Field[]).forEach(number);
    bytes(file.content);
  }
  for (const file of files) {
    centralHeader(file).forEach(number);
    bytes(file.name);
  }
  const { signature } = records.end;
  const count = files.length;
  const end: Field[] = [
    [4, signature],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directoryBytes],
    [4, directoryAt],
    [2, 0],
  ];
  end.forEach(number);
  return archive;
}

/** APPNOTE.TXT 4.3.7, with the sizes left to the zip64 field. */
function localHeader({ name, crc, method }: ZipFile): Field[] {
  return [
    [4, records.local.signature],
    [2, VERSION],
    [2, nameFlag(name)],
    [2, method],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, 0xffffffff],
    [4, 0xffffffff],
    [2, name.length],
    [2, ZIP64_BYTES],
  ];
}

/** APPNOTE.TXT 4.3.12. */
function centralHeader({ name, crc, method, content, bytes, offset }: ZipFile): Field[] {
  return [
    [4, records.central.signature],
    [2, MADE_BY],
    [2, VERSION],
    [2, nameFlag(name)],
    [2, method],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, content.length],
    [4, bytes],
    [2, name.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, ATTRIBUTES],
    [4, offset],
  ];
}

function nameFlag(name: Uint8Array): number {
  return name.some((byte) => byte > 127) ? flagBits.utf8Name : 0;
}

function encodeName(label: string, name: string): Uint8Array {
  if (/[\0\p{Surrogate}]/u.test(name)) {
    throw new RangeError(`${label}: expected a name without null characters and lone surrogates`);
  }
  const bytes = new TextEncoder().encode(`${name}.npy`);
  if (bytes.length > 0xffff)
    throw new RangeError(`${label}: expected a name of at most 65531 bytes, got ${bytes.length - 4}`);
  return bytes;
}
