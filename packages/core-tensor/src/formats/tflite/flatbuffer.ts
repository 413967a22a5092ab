import { TfliteError } from "./errors.ts";

/** Bytes of the file's beginning: the offset of the root table and the identifier. */
const HEADER_BYTES = 8;

const utf8 = new TextDecoder();

/**
 * The bytes of a flatbuffer (https://flatbuffers.dev/internals). Every offset that is followed is checked first. Tables
 * and vectors may be referred to many times, which would let a small file describe an enormous one; so each element
 * that is read costs credit, and there is four times as much of it as the file has bytes.
 */
export class Flatbuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  #credit: number;

  constructor(bytes: Uint8Array) {
    // A plain Uint8Array also where a Buffer came, whose slice() does not copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#credit = 4 * bytes.byteLength;
  }

  /** The root table of a file with this identifier of four characters. */
  root(identifier: string): Table {
    const found = utf8.decode(this.bytes.subarray(4, HEADER_BYTES));
    if (this.bytes.length < HEADER_BYTES || found !== identifier) {
      throw new TfliteError("not-tflite", Math.min(4, this.bytes.length), `expected the identifier ${identifier}`);
    }
    return new Table(this, this.follow(0));
  }

  /** Refuses a range that is not inside the file. */
  expectInside(at: number, length: number, what: string): void {
    if (at < 0 || length > this.bytes.length - at) {
      const offset = Math.min(Math.max(at, 0), this.bytes.length);
      throw new TfliteError("out-of-bounds", offset, `${what} of ${length} bytes reaches outside of the file`);
    }
  }

  /** Where the offset at a place leads. */
  follow(at: number): number {
    this.expectInside(at, 4, "an offset");
    const target = at + this.view.getUint32(at, true);
    if (target > this.bytes.length - 4) {
      throw new TfliteError("out-of-bounds", at, `an offset leads to byte ${target} of ${this.bytes.length}`);
    }
    return target;
  }

  /** Pays for elements that are about to be read. */
  spend(elements: number, at: number): void {
    this.#credit -= elements;
    if (this.#credit < 0) {
      throw new TfliteError("too-large", at, "the file's parts are referred to so often that they exceed the file");
    }
  }
}

/** A table of a flatbuffer: fields by their number in the schema. Scalars that are absent have their default. */
export class Table {
  readonly #buffer: Flatbuffer;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #bytes: number;
  /** First byte of the table in the file. */
  readonly offset: number;

  constructor(buffer: Flatbuffer, offset: number) {
    const { view } = buffer;
    buffer.spend(1, offset);
    buffer.expectInside(offset, 4, "a table");
    const vtable = offset - view.getInt32(offset, true);
    buffer.expectInside(vtable, 4, "a vtable");
    const vtableBytes = view.getUint16(vtable, true);
    const bytes = view.getUint16(vtable + 2, true);
    if (vtableBytes < 4 || vtableBytes % 2 !== 0 || bytes < 4) {
      const found = `${vtableBytes} bytes for a table of ${bytes}`;
      throw new TfliteError("invalid-table", vtable, `expected a vtable of an even number of bytes >= 4, got ${found}`);
    }
    buffer.expectInside(vtable, vtableBytes, "a vtable");
    buffer.expectInside(offset, bytes, "a table");
    this.#buffer = buffer;
    this.#vtable = vtable;
    this.#vtableBytes = vtableBytes;
    this.#bytes = bytes;
    this.offset = offset;
  }

  int8(field: number, absent = 0): number {
    const at = this.#at(field, 1);
    return at === undefined ? absent : this.#buffer.view.getInt8(at);
  }

  uint8(field: number, absent = 0): number {
    const at = this.#at(field, 1);
    return at === undefined ? absent : this.#buffer.view.getUint8(at);
  }

  int32(field: number, absent = 0): number {
    const at = this.#at(field, 4);
    return at === undefined ? absent : this.#buffer.view.getInt32(at, true);
  }

  uint32(field: number, absent = 0): number {
    const at = this.#at(field, 4);
    return at === undefined ? absent : this.#buffer.view.getUint32(at, true);
  }

  float32(field: number, absent = 0): number {
    const at = this.#at(field, 4);
    return at === undefined ? absent : this.#buffer.view.getFloat32(at, true);
  }

  /** As a double, which is exact up to 2^53: what lies beyond is outside of every file. */
  uint64(field: number): number {
    const at = this.#at(field, 8);
    return at === undefined ? 0 : Number(this.#buffer.view.getBigUint64(at, true));
  }

  table(field: number): Table | undefined {
    const at = this.#at(field, 4);
    return at === undefined ? undefined : new Table(this.#buffer, this.#buffer.follow(at));
  }

  tables(field: number): Table[] {
    return this.#elements(field, 4, (at) => new Table(this.#buffer, this.#buffer.follow(at)));
  }

  int32s(field: number): number[] {
    return this.#elements(field, 4, (at) => this.#buffer.view.getInt32(at, true));
  }

  uint16s(field: number): number[] {
    return this.#elements(field, 2, (at) => this.#buffer.view.getUint16(at, true));
  }

  uint8s(field: number): number[] {
    return this.#elements(field, 1, (at) => this.#buffer.view.getUint8(at));
  }

  float32s(field: number): number[] {
    return this.#elements(field, 4, (at) => this.#buffer.view.getFloat32(at, true));
  }

  /** As doubles: callers compare them with limits far below 2^53. */
  int64s(field: number): number[] {
    return this.#elements(field, 8, (at) => Number(this.#buffer.view.getBigInt64(at, true)));
  }

  /** A view of the bytes of a vector. */
  bytes(field: number): Uint8Array {
    const { start, count } = this.#vector(field, 1);
    return this.#buffer.bytes.subarray(start, start + count);
  }

  /** "" when absent. Bytes that are no UTF-8 become U+FFFD: texts are names here and nothing else. */
  text(field: number): string {
    const { start, count } = this.#vector(field, 1);
    this.#buffer.spend(count, start);
    return utf8.decode(this.#buffer.bytes.subarray(start, start + count));
  }

  /** Where a field's value lies; undefined when the table does not have it. */
  #at(field: number, width: number): number | undefined {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#vtableBytes) return undefined;
    const within = this.#buffer.view.getUint16(this.#vtable + slot, true);
    if (within === 0) return undefined;
    if (within < 4 || within + width > this.#bytes) {
      const message = `field ${field} of ${width} bytes lies at ${within} in a table of ${this.#bytes} bytes`;
      throw new TfliteError("out-of-bounds", this.offset, message);
    }
    return this.offset + within;
  }

  #vector(field: number, width: number): { readonly start: number; readonly count: number } {
    const at = this.#at(field, 4);
    if (at === undefined) return { start: 0, count: 0 };
    const vector = this.#buffer.follow(at);
    const count = this.#buffer.view.getUint32(vector, true);
    this.#buffer.expectInside(vector + 4, count * width, "a vector");
    return { start: vector + 4, count };
  }

  #elements<T>(field: number, width: number, read: (at: number) => T): T[] {
    const { start, count } = this.#vector(field, width);
    this.#buffer.spend(count, start);
    return Array.from({ length: count }, (_, i) => read(start + i * width));
  }
}
