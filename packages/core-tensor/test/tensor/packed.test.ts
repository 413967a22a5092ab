import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { storageLength } from "../../src/tensor/dtype.ts";
import { type PackedDType, pack, packBits, unpack, unpackBits } from "../../src/tensor/packed.ts";

const ranges: Record<PackedDType, readonly [number, number]> = { int4: [-8, 7], uint4: [0, 15], int2: [-2, 1] };
const dtypes = Object.keys(ranges) as PackedDType[];

describe("packed integers", () => {
  test("the first element sits in the lowest bits", () => {
    expect([...pack([1, 2, 3], "uint4")]).toEqual([0x21, 0x03]);
    expect([...pack([-1, 7, -8], "int4")]).toEqual([0x7f, 0x08]);
    expect([...pack([1, -1, -2, 0, 1], "int2")]).toEqual([0b00_10_11_01, 0b01]);
    expect([...packBits([1, 0, 0, 1, 0, 0, 0, 1, 1], 1, false)]).toEqual([0b1000_1001, 1]);
  });

  test("signed codes come back with their sign", () => {
    expect(unpack(Uint8Array.of(0x8f), "int4", 2)).toEqual(Int8Array.of(-1, -8));
    expect(unpack(Uint8Array.of(0x8f), "uint4", 2)).toEqual(Uint8Array.of(15, 8));
    expect(unpack(Uint8Array.of(0b00_01_10_11), "int2", 4)).toEqual(Int8Array.of(-1, -2, 1, 0));
    expect(unpackBits(Uint8Array.of(0b101), 1, false, 3)).toEqual(Uint8Array.of(1, 0, 1));
  });

  test("every byte survives unpacking and packing", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const dtype of dtypes) {
      const length = (256 * 8) / (dtype === "int2" ? 2 : 4);
      expect(pack(unpack(bytes, dtype, length), dtype)).toEqual(bytes);
    }
  });

  test("unpack(pack(values)) is values, in as many bytes as promised", () => {
    for (const dtype of dtypes) {
      const [min, max] = ranges[dtype];
      fc.assert(
        fc.property(fc.array(fc.integer({ min, max })), (values) => {
          const bytes = pack(values, dtype);
          expect(bytes.length).toBe(storageLength(dtype, values.length));
          expect([...unpack(bytes, dtype, values.length)]).toEqual(values);
        }),
      );
    }
  });

  test("byte lengths", () => {
    expect([0, 1, 2, 3].map((length) => storageLength("int4", length))).toEqual([0, 1, 1, 2]);
    expect([0, 1, 4, 5].map((length) => storageLength("int2", length))).toEqual([0, 1, 1, 2]);
  });

  test("what does not fit is refused by its index", () => {
    expect(() => pack([0, 8], "int4")).toThrow(
      new RangeError("pack: expected whole numbers in [-8, 7], got 8 at index 1"),
    );
    expect(() => pack([-1], "uint4")).toThrow(/\[0, 15\], got -1 at index 0/);
    expect(() => pack([0, 0, 2], "int2")).toThrow(/\[-2, 1\], got 2 at index 2/);
    expect(() => pack([0.5], "int4")).toThrow(RangeError);
    expect(() => pack([NaN], "int4")).toThrow(RangeError);
  });

  test("more elements than there are bytes for are refused", () => {
    expect(() => unpack(new Uint8Array(1), "int4", 3)).toThrow(/length in \[0, 2\] for 1 bytes, got 3/);
    expect(() => unpack(new Uint8Array(1), "int4", -1)).toThrow(RangeError);
    expect(() => unpack(new Uint8Array(1), "int4", 0.5)).toThrow(RangeError);
  });
});
