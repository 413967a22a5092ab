import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BackwardWriter, wireType } from "../../../src/formats/onnx/protobuf.ts";

function written(write: (writer: BackwardWriter) => void): number[] {
  const writer = new BackwardWriter();
  write(writer);
  const bytes = writer.finish();
  expect(bytes.length).toBe(writer.length);
  return [...bytes];
}

/** The definition of a varint, by bigints: seven bits a byte, low ones first, the high bit while more follow. */
function varintByDefinition(value: bigint): number[] {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest % 128n) + 128, ...varintByDefinition(rest / 128n)];
}

describe("varint", () => {
  test.each([
    [0, [0]],
    [1, [1]],
    [127, [127]],
    [128, [0x80, 0x01]],
    [150, [0x96, 0x01]],
    [-1, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    [2n ** 64n - 1n, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    [-(2n ** 63n), [128, 128, 128, 128, 128, 128, 128, 128, 128, 1]],
  ])("%s", (value, bytes) => {
    expect(written((writer) => writer.varint(value))).toEqual(bytes);
  });

  test("numbers and bigints agree with the definition", () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n)), (value) => {
        const expected = varintByDefinition(BigInt(value));
        expect(written((writer) => writer.varint(value))).toEqual(expected);
        expect(written((writer) => writer.varint(BigInt(value)))).toEqual(expected);
      }),
    );
  });

  test.each([0.5, Number.NaN, Infinity, 2 ** 53, -(2 ** 53), 2n ** 64n, -(2n ** 63n) - 1n])("refuses %s", (value) => {
    expect(() => new BackwardWriter().varint(value)).toThrow(RangeError);
  });
});

test("floats and doubles are little-endian IEEE", () => {
  expect(written((writer) => writer.float(1))).toEqual([0, 0, 0x80, 0x3f]);
  expect(written((writer) => writer.double(-2))).toEqual([0, 0, 0, 0, 0, 0, 0, 0xc0]);
});

test("a field with a text, the example of the protobuf documentation", () => {
  const bytes = written((writer) => {
    const end = writer.length;
    writer.text("testing");
    writer.lengthPrefix(end);
    writer.key(2, wireType.lengthDelimited);
  });
  expect(bytes).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
});

test("what is written last comes first, across blocks and byte strings of any length", () => {
  const piece = fc.oneof(
    fc.integer({ min: 0, max: 9000 }).map((length) => new Uint8Array(length).map((_, i) => i * 31 + length)),
    fc.maxSafeInteger(),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const writer = new BackwardWriter();
      for (const value of pieces) {
        if (typeof value === "number") writer.varint(value);
        else writer.bytes(value);
      }
      const parts = pieces.map((value) =>
        typeof value === "number" ? Uint8Array.from(varintByDefinition(BigInt(value))) : value,
      );
      expect(Buffer.from(writer.finish()).equals(Buffer.concat(parts.toReversed()))).toBe(true);
    }),
  );
});

test("long byte strings are read when the message is finished, and not before", () => {
  const writer = new BackwardWriter();
  const long = new Uint8Array(1 << 16);
  writer.bytes(long);
  long.fill(7);
  expect(writer.finish().every((byte) => byte === 7)).toBe(true);
});

test("values of every kind survive the border between blocks", () => {
  // Every offset of a few bytes before the border is met by some value: one filler byte more per round.
  for (let filler = 0; filler < 24; filler++) {
    const writer = new BackwardWriter();
    const expected: number[] = [];
    const write = (bytes: readonly number[], run: () => void): void => {
      run();
      expected.unshift(...bytes);
    };
    for (let i = 0; i < filler; i++) write([i], () => writer.varint(i));
    for (let round = 0; round < 1200; round++) {
      write([round % 128], () => writer.varint(round % 128));
      write([0x80 + (round % 128), 1], () => writer.varint(128 + (round % 128)));
      write([255, 255, 255, 255, 255, 255, 255, 255, 255, 1], () => writer.varint(-1));
      write([0, 0, 128, 63], () => writer.float(1));
      write([1, 2, 3], () => writer.bytes(Uint8Array.of(1, 2, 3)));
    }
    expect(writer.length).toBeGreaterThan(1 << 14);
    expect(Buffer.compare(writer.finish(), Uint8Array.from(expected))).toBe(0);
  }
});
