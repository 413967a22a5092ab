import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type RawTensor,
  type SafetensorsDType,
  SafetensorsError,
  type SafetensorsErrorCode,
  elementBytes,
  tensorBytes,
} from "../../../src/formats/safetensors/format.ts";
import { parseLayout, parseSafetensors } from "../../../src/formats/safetensors/parse.ts";
import { serializeSafetensors } from "../../../src/formats/safetensors/serialize.ts";

/** A file with this header and that many zero bytes behind it. */
function file(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function failure(bytes: Uint8Array): SafetensorsError {
  try {
    parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) return error;
    throw error;
  }
  throw new Error("expected a SafetensorsError, got none");
}

const text = fc.string({ unit: "grapheme", maxLength: 6 });
const rawTensor: fc.Arbitrary<RawTensor> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(elementBytes) as SafetensorsDType[])),
    shape: fc.array(fc.nat({ max: 3 }), { maxLength: 4 }),
    seed: fc.nat({ max: 255 }),
  })
  .map(({ dtype, shape, seed }) => ({
    dtype,
    shape,
    bytes: new Uint8Array(tensorBytes(dtype, shape)).map((_, i) => seed + i * 7),
  }));
const content = fc.record({
  tensors: fc.dictionary(
    text.filter((name) => name !== "__metadata__"),
    rawTensor,
    { maxKeys: 5, noNullPrototype: true },
  ),
  metadata: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
});

test("what was written is read", () => {
  fc.assert(
    fc.property(content, ({ tensors, metadata }) => {
      const bytes = serializeSafetensors(tensors, { metadata });
      const read = parseSafetensors(bytes);
      expect(read).toEqual({ tensors, metadata });
      expect(serializeSafetensors(read.tensors, read)).toEqual(bytes);
    }),
  );
});

describe("damaged files give a SafetensorsError or a file", () => {
  const damage = (bytes: Uint8Array): void => {
    const before = bytes.slice();
    try {
      const { tensors } = parseSafetensors(bytes);
      for (const { dtype, shape, bytes: view } of Object.values(tensors)) {
        expect(view.length).toBe(tensorBytes(dtype, shape));
      }
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
      expect(error.offset).toBeGreaterThanOrEqual(0);
    }
    expect(bytes).toEqual(before);
  };

  test("flipped bytes", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(content, flips, fc.boolean(), ({ tensors, metadata }, changes, headerOnly) => {
        const bytes = serializeSafetensors(tensors, { metadata });
        const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
        const reach = headerOnly ? 8 + headerBytes : bytes.length;
        for (const [at, mask] of changes) bytes[at % reach] = (bytes[at % reach] as number) ^ mask;
        damage(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test("replaced, inserted and removed pieces of the header", () => {
    const pieces = fc.constantFrom(
      '"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "0",
      "-1",
      "1e9",
      ".5",
      "\\",
      "\\ud800",
      "null",
      " ",
    );
    fc.assert(
      fc.property(content, fc.nat(), fc.nat({ max: 4 }), pieces, ({ tensors, metadata }, at, removed, piece) => {
        const bytes = serializeSafetensors(tensors, { metadata });
        const headerBytes = new DataView(bytes.buffer).getUint32(0, true);
        const header = Buffer.from(bytes.subarray(8, 8 + headerBytes));
        const cut = at % header.length;
        const changed = Buffer.concat([header.subarray(0, cut), Buffer.from(piece), header.subarray(cut + removed)]);
        damage(file(changed, bytes.length - 8 - headerBytes));
      }),
      { numRuns: 1000 },
    );
  });

  test("every truncation and every addition is refused", () => {
    const tensors: Record<string, RawTensor> = {
      w: { dtype: "F32", shape: [2, 2], bytes: new Uint8Array(16) },
      b: { dtype: "I8", shape: [3], bytes: new Uint8Array(3) },
    };
    const bytes = serializeSafetensors(tensors, { metadata: { a: "b" } });
    for (let length = 0; length < bytes.length; length++) {
      expect(failure(bytes.subarray(0, length)).code).toBe("truncated");
    }
    expect(failure(Buffer.concat([bytes, Uint8Array.of(0)])).code).toBe("trailing-bytes");
  });

  test("any bytes at all", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), damage));
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 64 }), (header) => damage(file(header))));
  });
});

const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

describe("refused, with the reason and the place", () => {
  const cases: [string, string | Uint8Array, number, SafetensorsErrorCode, number][] = [
    ["no JSON", "hello", 0, "invalid-json", 8],
    ["an array", "[]", 0, "invalid-json", 8],
    ["an empty header", "", 0, "invalid-json", 8],
    ["something after the object", "{} {}", 0, "invalid-json", 11],
    ["a comma too many", '{"__metadata__":{"a":"b",}}', 0, "invalid-json", 33],
    ["a byte order mark", "\ufeff{}", 0, "invalid-json", 8],
    ["a text without end", '{"a', 0, "invalid-json", 9],
    ["a text that ends in a backslash", '{"a\\', 0, "invalid-json", 9],
    ["a raw control character in a text", '{"\n":1}', 0, "invalid-json", 9],
    ["half a surrogate pair", '{"\\ud800":1}', 0, "invalid-json", 9],
    ["text that is not UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0, "invalid-json", 9],
    ["metadata that are no text", '{"__metadata__":{"a":1}}', 0, "invalid-json", 29],
    ["a negative dimension", `{"a":${entry("U8", "[-1]", "[0,1]")}}`, 1, "invalid-json", 36],
    ["a dimension with a leading zero", `{"a":${entry("U8", "[01]", "[0,1]")}}`, 1, "invalid-json", 36],
    ["a fraction", `{"a":${entry("U8", "[1.0]", "[0,1]")}}`, 1, "invalid-json", 37],
    ["an exponent", `{"a":${entry("U8", "[1e1]", "[0,10]")}}`, 10, "invalid-json", 37],
    [
      "a tensor name twice",
      `{"a":${entry("U8", "[0]", "[0,0]")},"\\u0061":${entry("U8", "[0]", "[0,0]")}}`,
      0,
      "duplicate-key",
      61,
    ],
    ["a field twice", '{"a":{"dtype":"U8","dtype":"U8"}}', 0, "duplicate-key", 27],
    ["a metadata key twice", '{"__metadata__":{"a":"","a":""}}', 0, "duplicate-key", 32],
    ["an unknown element type", `{"a":${entry("F7", "[1]", "[0,1]")}}`, 1, "unknown-dtype", 14],
    ["a property of objects as element type", `{"a":${entry("toString", "[1]", "[0,1]")}}`, 1, "unknown-dtype", 14],
    ["a missing field", '{"a":{"dtype":"U8","shape":[1]}}', 1, "invalid-entry", 9],
    ["an unknown field", '{"a":{"strides":[1]}}', 1, "invalid-entry", 14],
    ["three offsets", `{"a":${entry("U8", "[1]", "[0,1,2]")}}`, 1, "invalid-entry", 9],
    ["a dimension above 2^53", `{"a":${entry("U8", "[9007199254740992]", "[0,1]")}}`, 1, "overflow", 36],
    ["a product above 2^53", `{"a":${entry("U8", "[4294967296,4294967296]", "[0,0]")}}`, 0, "overflow", 9],
    ["too few bytes", `{"a":${entry("F32", "[2]", "[0,4]")}}`, 4, "size-mismatch", 9],
    ["offsets that run backwards", `{"a":${entry("U8", "[0]", "[1,0]")}}`, 0, "size-mismatch", 9],
    ["a hole before the tensor", `{"a":${entry("U8", "[1]", "[1,2]")}}`, 2, "invalid-offsets", 62],
    [
      "an overlap",
      `{"a":${entry("U8", "[2]", "[0,2]")},"b":${entry("U8", "[2]", "[1,3]")}}`,
      3,
      "invalid-offsets",
      114,
    ],
    ["a tensor beyond the end", `{"a":${entry("U8", "[9]", "[0,9]")}}`, 8, "truncated", 69],
    ["bytes after the last tensor", `{"a":${entry("U8", "[1]", "[0,1]")}}`, 2, "trailing-bytes", 62],
  ];

  test.each(cases)("%s", (_title, header, dataBytes, code, offset) => {
    const error = failure(file(header, dataBytes));
    expect([error.code, error.offset]).toEqual([code, offset]);
    expect(error.message).toContain(`(at byte ${offset})`);
  });

  test("a header above 100 MB, whatever the file's length", () => {
    const bytes = file("{}");
    bytes.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    expect(failure(bytes).code).toBe("header-too-large");
  });

  test("deep nesting, without using up the stack", () => {
    expect(failure(file("[".repeat(1_000_000))).code).toBe("invalid-json");
    expect(failure(file('{"a":'.repeat(1_000_000))).code).toBe("invalid-entry");
  });
});

test("messages stay short, whatever the file says", () => {
  const name = "n".repeat(1_000_000);
  expect(
    failure(file(`{"${name}":${entry("U8", `[${"1,".repeat(100_000)}1]`, "[0,0]")}}`)).message.length,
  ).toBeLessThan(300);
  expect(failure(file(`{"${name}":${entry(name, "[1]", "[0,1]")}}`)).message.length).toBeLessThan(300);
  expect(failure(file(`{"${name}":{"${name}":0}}`)).message.length).toBeLessThan(300);
});

test("white space, any order of fields and of tensors, and a huge empty tensor are accepted", () => {
  const header = ` {"b" : {"shape":[ 1 ], "data_offsets":[ 1, 2 ], "dtype":"U8"},\n\t"a":${entry("BOOL", "[1]", "[0,1]")},
    "e":${entry("F64", "[9007199254740991,9007199254740991,0]", "[2,2]")}} `;
  const { tensors } = parseSafetensors(file(header, 2));
  expect(Object.entries(tensors).map(([name, { dtype }]) => [name, dtype])).toEqual([
    ["a", "BOOL"],
    ["b", "U8"],
    ["e", "F64"],
  ]);
});

test("names of object properties are names like any other", () => {
  const header = `{"__metadata__":{"__proto__":"m"},"__proto__":${entry("U8", "[1]", "[0,1]")}}`;
  const { tensors, metadata } = parseSafetensors(file(header, 1));
  expect(Object.entries(tensors)).toEqual([["__proto__", { dtype: "U8", shape: [1], bytes: Uint8Array.of(0) }]]);
  expect(Object.entries(metadata)).toEqual([["__proto__", "m"]]);
  expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
});

test("tensors are views of the file, plain ones also for a Buffer", () => {
  const bytes = serializeSafetensors({ w: { dtype: "U8", shape: [2], bytes: Uint8Array.of(1, 2) } });
  const view = parseSafetensors(Buffer.from(bytes.buffer)).tensors["w"]?.bytes;
  expect(view?.buffer).toBe(bytes.buffer);
  expect(view?.constructor).toBe(Uint8Array);
});

test("the layout needs the header only", () => {
  const bytes = serializeSafetensors({ w: { dtype: "U8", shape: [2], bytes: Uint8Array.of(1, 2) } });
  const header = bytes.subarray(0, bytes.length - 2);
  const at = { begin: bytes.length - 2, end: bytes.length };
  const tensors = [{ name: "w", dtype: "U8", shape: [2], ...at }];
  expect(parseLayout(header, bytes.length)).toEqual({ tensors, metadata: {} });
  expect(() => parseLayout(header.subarray(0, 20), bytes.length)).toThrow(SafetensorsError);
  expect(() => parseLayout(header, bytes.length + 1)).toThrow(/trailing|follow/);
});
