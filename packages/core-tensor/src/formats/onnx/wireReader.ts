import { OnnxError } from "./error.ts";
import type { Int64 } from "./schema.ts";

/** Bytes that a 64-bit integer takes at most: 7 bits in each. */
const MAX_VARINT_BYTES = 10;
/** Field numbers have 29 bits, keys 3 more. */
const MAX_KEY = 2 ** 32 - 1;
const TWO_32 = 2 ** 32;
/** Upper half of 2^53: what is below it, or from its negative on, is a safe integer. */
const SAFE_HIGH = 2 ** 21;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf values from the front (Protocol Buffers, "Encoding"). Nothing beyond `limit` is ever read: the end of
 * the message that is being read, which the caller narrows and widens.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Halves of the number that `#varint` read last, each in [0, 2^32). */
  #low = 0;
  #high = 0;
  /** The next byte to be read. */
  at = 0;
  limit: number;

  constructor(bytes: Uint8Array) {
    // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limit = bytes.byteLength;
  }

  /** A field's key: its number times 8 plus its wire type. */
  key(): number {
    const start = this.at;
    this.#varint();
    const key = this.#high * TWO_32 + this.#low;
    if (key > MAX_KEY || key < 8) throw new OnnxError("malformed", start, `the field number ${Math.floor(key / 8)}`);
    return key;
  }

  /** A signed integer: of a wider number the lower 32 bits, as the public description of the encoding has it. */
  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** A signed integer of 64 bits: a number where it is safe, a bigint otherwise. */
  int64(): Int64 {
    this.#varint();
    const high = this.#high | 0;
    // -2^53 has the upper half -2^21 too, and is not safe.
    if (high < SAFE_HIGH && (high > -SAFE_HIGH || (high === -SAFE_HIGH && this.#low > 0))) {
      return high * TWO_32 + this.#low;
    }
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** An unsigned integer of 64 bits: a number where it is safe, a bigint otherwise. */
  uint64(): Int64 {
    this.#varint();
    if (this.#high < SAFE_HIGH) return this.#high * TWO_32 + this.#low;
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  float(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** The number of bytes that follow, which is at most what is left of the message. */
  length(): number {
    const start = this.at;
    this.#varint();
    const length = this.#high * TWO_32 + this.#low;
    const left = this.limit - this.at;
    if (length > left) throw new OnnxError("truncated", start, `expected ${length} more bytes, got ${left}`);
    return length;
  }

  /** The bytes behind a length, as a view. */
  bytes(): Uint8Array {
    const length = this.length();
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** The text behind a length. */
  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      throw new OnnxError("invalid-utf8", this.at - bytes.length, `a text of ${bytes.length} bytes is not UTF-8`);
    }
  }

  /** Goes over some bytes. */
  skip(count: number): void {
    this.#advance(count);
  }

  /** Goes over a number. */
  skipVarint(): void {
    this.#varint();
  }

  /** How many numbers end within the next bytes. */
  countVarints(length: number): number {
    const end = this.at + length;
    let count = 0;
    for (let i = this.at; i < end; i++) if ((this.#bytes[i] as number) < 128) count++;
    return count;
  }

  /** Moves on; gives the place where the bytes begin. */
  #advance(count: number): number {
    const start = this.at;
    if (count > this.limit - start) {
      throw new OnnxError("truncated", start, `expected ${count} more bytes, got ${this.limit - start}`);
    }
    this.at = start + count;
    return start;
  }

  #varint(): void {
    const start = this.at;
    const bytes = this.#bytes;
    const end = Math.min(this.limit, start + MAX_VARINT_BYTES);
    let low = 0;
    let high = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      const shift = 7 * (i - start);
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) {
        if (shift === 63 && byte > 1) break;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        this.at = i + 1;
        return;
      }
    }
    const cut = end === this.limit && end < start + MAX_VARINT_BYTES;
    if (cut) throw new OnnxError("truncated", start, "a number goes on beyond the end of its message");
    throw new OnnxError("malformed", start, "a number of more than 64 bits");
  }
}
