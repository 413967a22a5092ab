import type { ByteSource } from "../../../src/formats/safetensors/index.ts";

/** A source that notes every read. */
export interface CountingSource extends ByteSource {
  readonly reads: (readonly [offset: number, length: number])[];
  /** Bytes read so far. */
  total(): number;
}

export function counting(size: number, read: (offset: number, length: number) => Uint8Array): CountingSource {
  const reads: [number, number][] = [];
  return {
    size,
    reads,
    total: () => reads.reduce((sum, [, length]) => sum + length, 0),
    async read(offset, length) {
      reads.push([offset, length]);
      return read(offset, length);
    },
  };
}

export function countingBytes(bytes: Uint8Array): CountingSource {
  return counting(bytes.length, (offset, length) => bytes.slice(offset, offset + length));
}

/** The beginning of a file with float32 tensors of a mebibyte each, named t0, t1, …, and the length of the whole. */
export function megabyteTensors(count: number): { readonly start: Uint8Array; readonly size: number } {
  const bytes = 2 ** 20;
  const entries = Array.from({ length: count }, (_, i) => {
    const entry = { dtype: "F32", shape: [512, 512], data_offsets: [i * bytes, (i + 1) * bytes] };
    return `"t${i}":${JSON.stringify(entry)}`;
  });
  const header = new TextEncoder().encode(`{${entries.join(",")}}`);
  const start = new Uint8Array(8 + header.length);
  new DataView(start.buffer).setBigUint64(0, BigInt(header.length), true);
  start.set(header, 8);
  return { start, size: start.length + count * bytes };
}
