/** Wire types of protobuf: how the bytes after a field's key are framed (Protocol Buffers, "Encoding"). */
export const wireType = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

export type WireType = (typeof wireType)[keyof typeof wireType];

/** Small values are gathered in blocks of this many bytes. */
const BLOCK_BYTES = 1 << 14;
/** Byte strings from this length on are kept by reference until `finish`, so that they are copied once. */
const REFERENCE_BYTES = 1 << 12;

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const utf8 = new TextEncoder();

/**
 * Writes protobuf values from the END of the message to its start: whatever is written last comes first in the
 * result. A length prefix stands before the bytes that it counts, so going backwards it is known when its turn
 * comes, and nested messages need no size pass, no insertion and no copying of what is already there:
 *
 *     const end = writer.length;
 *     …write the contents, last field first…
 *     writer.lengthPrefix(end);
 *     writer.key(7, wireType.lengthDelimited);
 *
 * Byte strings that are kept by reference must not change before `finish`.
 */
export class BackwardWriter {
  /** Finished stretches of bytes, the last of the message first. */
  readonly #pieces: Uint8Array[] = [];
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK_BYTES);
  #view = new DataView(this.#block.buffer);
  /** Start of the bytes that are in use in the block; they run from here to `#blockEnd`. */
  #start = BLOCK_BYTES;
  #blockEnd = BLOCK_BYTES;
  #pieceBytes = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#pieceBytes + this.#blockEnd - this.#start;
  }

  /**
   * A base-128 integer of 1 to 10 bytes. Negative values are written as their 64-bit two's complement.
   *
   * @param value a safe integer, or a bigint in [-2^63, 2^64).
   * @throws RangeError for any other number.
   */
  varint(value: number | bigint): void {
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      throw new RangeError(`varint: expected a whole number within ±(2^53 - 1) or a bigint, got ${value}`);
    }
    if (value >= 0 && value < 128) {
      const at = this.#reserve(1);
      this.#block[at] = Number(value);
    } else if (typeof value === "number" && value >= 0) {
      this.#varintNumber(value);
    } else {
      this.#varintBigint(BigInt(value));
    }
  }

  /** IEEE single precision, 4 bytes little-endian; the number is rounded to the nearest float32. */
  float(value: number): void {
    const at = this.#reserve(4);
    this.#view.setFloat32(at, value, true);
  }

  /** IEEE double precision, 8 bytes little-endian. */
  double(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** The bytes as they are, without a length. */
  bytes(value: Uint8Array): void {
    if (value.length < REFERENCE_BYTES) {
      const at = this.#reserve(value.length);
      this.#block.set(value, at);
      return;
    }
    this.#closeBlock();
    this.#pieces.push(value);
    this.#pieceBytes += value.length;
  }

  /** The UTF-8 bytes of a text, without a length. */
  text(value: string): void {
    this.bytes(utf8.encode(value));
  }

  /** The number of bytes written since `length` was `end`. */
  lengthPrefix(end: number): void {
    this.varint(this.length - end);
  }

  /** A field's key: its number and the framing of what follows. */
  key(field: number, type: WireType): void {
    this.varint(field * 8 + type);
  }

  /** Everything written, in order of the message, in one new array. */
  finish(): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(this.length);
    result.set(this.#block.subarray(this.#start, this.#blockEnd));
    let at = this.#blockEnd - this.#start;
    for (let i = this.#pieces.length - 1; i >= 0; i--) {
      const piece = this.#pieces[i] as Uint8Array;
      result.set(piece, at);
      at += piece.length;
    }
    return result;
  }

  #varintNumber(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    const at = this.#reserve(size);
    let rest = value;
    for (let i = 0; i < size - 1; i++) {
      this.#block[at + i] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#block[at + size - 1] = rest;
  }

  #varintBigint(value: bigint): void {
    if (value < MIN_INT64 || value > MAX_UINT64) {
      throw new RangeError(`varint: expected an integer in [-2^63, 2^64), got ${value}`);
    }
    let rest = BigInt.asUintN(64, value);
    const digits: number[] = [];
    for (; rest >= 128n; rest >>= 7n) digits.push(Number(rest & 127n) + 128);
    digits.push(Number(rest));
    const at = this.#reserve(digits.length);
    this.#block.set(digits, at);
  }

  /**
   * Makes room for a few bytes before everything in the block; returns where they start. May begin another block, so
   * the place is asked for in a statement of its own, before `#block` is read.
   */
  #reserve(size: number): number {
    if (this.#start < size) {
      this.#closeBlock();
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#view = new DataView(this.#block.buffer);
      this.#start = BLOCK_BYTES;
      this.#blockEnd = BLOCK_BYTES;
    }
    this.#start -= size;
    return this.#start;
  }

  /** Moves the bytes in use to the pieces; what is free before them stays usable. */
  #closeBlock(): void {
    if (this.#start === this.#blockEnd) return;
    this.#pieces.push(this.#block.subarray(this.#start, this.#blockEnd));
    this.#pieceBytes += this.#blockEnd - this.#start;
    this.#blockEnd = this.#start;
  }
}
