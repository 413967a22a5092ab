import { Builder } from "flatbuffers";
import { describe, expect, test } from "vitest";
import { TfliteError } from "../../../src/formats/tflite/errors.ts";
import { Flatbuffer } from "../../../src/formats/tflite/flatbuffer.ts";

/** A table with an int8, an int32, a text, a vector of int32, a float32, a table and an int64. */
function sample(): Uint8Array {
  const b = new Builder();
  const text = b.createString("größe");
  b.startVector(4, 3, 4);
  for (const value of [30, 20, 10]) b.addInt32(value);
  const numbers = b.endVector();
  b.startObject(1);
  b.addFieldInt32(0, 99, 0);
  const inner = b.endObject();
  b.startObject(8);
  b.addFieldInt8(0, -5, 0);
  b.addFieldInt32(1, 123456, 0);
  b.addFieldOffset(2, text, 0);
  b.addFieldOffset(3, numbers, 0);
  b.addFieldFloat32(4, 1.5, 0);
  b.addFieldOffset(5, inner, 0);
  b.addFieldInt64(6, 2n ** 40n, 0n);
  b.finish(b.endObject(), "TEST");
  return b.asUint8Array().slice();
}

const refused = (action: () => unknown): TfliteError => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(TfliteError);
    return error as TfliteError;
  }
  return expect.fail("expected an error");
};

describe("Flatbuffer", () => {
  test("reads what the official builder wrote", () => {
    const table = new Flatbuffer(sample()).root("TEST");
    expect(table.int8(0)).toBe(-5);
    expect(table.uint8(0)).toBe(251);
    expect(table.int32(1)).toBe(123456);
    expect(table.uint32(1)).toBe(123456);
    expect(table.text(2)).toBe("größe");
    expect(table.int32s(3)).toEqual([10, 20, 30]);
    expect(table.float32(4)).toBe(1.5);
    expect(table.table(5)?.int32(0)).toBe(99);
    expect(table.uint64(6)).toBe(2 ** 40);
  });

  test("absent fields have their default", () => {
    const table = new Flatbuffer(sample()).root("TEST");
    for (const field of [7, 8, 500]) {
      expect([table.int8(field), table.int32(field, 7), table.float32(field), table.uint64(field)]).toEqual([
        0, 7, 0, 0,
      ]);
      expect([table.text(field), table.int32s(field), table.tables(field), table.table(field)]).toEqual([
        "",
        [],
        [],
        undefined,
      ]);
      expect(table.bytes(field).length).toBe(0);
    }
  });

  test("a part of a larger buffer, at any offset", () => {
    const bytes = sample();
    for (const offset of [1, 2, 3, 5]) {
      const larger = new Uint8Array(bytes.length + offset + 9).fill(0xff);
      larger.set(bytes, offset);
      const part = larger.subarray(offset, offset + bytes.length);
      expect(new Flatbuffer(part).root("TEST").int32s(3)).toEqual([10, 20, 30]);
    }
  });

  test.each([0, 3, 7])("refused: %i bytes", (length) => {
    expect(refused(() => new Flatbuffer(sample().subarray(0, length)).root("TEST")).code).toBe("not-tflite");
  });

  test("refused: another identifier", () => {
    expect(refused(() => new Flatbuffer(sample()).root("TFL3"))).toMatchObject({ code: "not-tflite", offset: 4 });
  });

  test("refused: a root outside of the file", () => {
    const bytes = sample();
    new DataView(bytes.buffer).setUint32(0, bytes.length, true);
    expect(refused(() => new Flatbuffer(bytes).root("TEST"))).toMatchObject({ code: "out-of-bounds", offset: 0 });
  });

  test("every cut and every overwritten word is read or refused with a place inside of the file", () => {
    const bytes = sample();
    const read = (file: Uint8Array): void => {
      const table = new Flatbuffer(file).root("TEST");
      for (let field = 0; field < 9; field++) {
        for (const kind of [
          "int8",
          "int32",
          "float32",
          "uint64",
          "text",
          "int32s",
          "int64s",
          "uint16s",
          "tables",
          "table",
          "bytes",
        ] as const) {
          try {
            table[kind](field);
          } catch (error) {
            expect(error).toBeInstanceOf(TfliteError);
            expect((error as TfliteError).offset).toBeLessThanOrEqual(file.length);
          }
        }
      }
    };
    const attempt = (file: Uint8Array): void => {
      try {
        read(file);
      } catch (error) {
        expect(error).toBeInstanceOf(TfliteError);
        expect((error as TfliteError).offset).toBeLessThanOrEqual(file.length);
      }
    };
    for (let length = 0; length < bytes.length; length++) attempt(bytes.slice(0, length));
    for (let at = 0; at + 4 <= bytes.length; at++) {
      for (const word of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length]) {
        const damaged = bytes.slice();
        new DataView(damaged.buffer).setUint32(at, word, true);
        attempt(damaged);
      }
    }
  });

  test("refused: a vtable of an odd number of bytes, or of none", () => {
    for (const size of [0, 2, 5]) {
      const bytes = sample();
      const view = new DataView(bytes.buffer);
      const root = view.getUint32(0, true);
      view.setUint16(root - view.getInt32(root, true), size, true);
      expect(refused(() => new Flatbuffer(bytes).root("TEST")).code).toBe("invalid-table");
    }
  });

  test("refused: a vector that is read again and again", () => {
    const table = new Flatbuffer(sample()).root("TEST");
    const again = (): void => {
      for (let i = 0; i < 1000; i++) table.int32s(3);
    };
    expect(refused(again).code).toBe("too-large");
  });
});
