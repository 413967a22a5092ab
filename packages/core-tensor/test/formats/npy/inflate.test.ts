import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inflate } from "../../../src/formats/npy/inflate.ts";

const known = (size: number) => (): number => size;

test("what zlib compressed comes back", () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 100 });
  fc.assert(
    fc.property(parts, fc.constantFrom(0, 1, 6, 9), (list, level) => {
      const bytes = Buffer.concat(list.flatMap((part) => [part, part]));
      const compressed = deflateRawSync(bytes, { level });
      expect(Buffer.compare(inflate(compressed, 0, known(bytes.length)), bytes)).toBe(0);
    }),
  );
});

test("large contents, of which the promise is made late", () => {
  const bytes = new Uint8Array(3_000_000).map((_, i) => (i * i) >> 7);
  const calls: number[] = [];
  const result = inflate(deflateRawSync(bytes), 0, (start) => {
    calls.push(start.length);
    return start.length < 100_000 ? undefined : bytes.length;
  });
  expect(Buffer.compare(result, bytes)).toBe(0);
  expect(calls.at(-1)).toBeGreaterThanOrEqual(100_000);
  expect(calls.filter((length) => length >= 100_000)).toHaveLength(1);
  expect(result.buffer.byteLength).toBe(bytes.length);
});

describe("refused", () => {
  const million = deflateRawSync(new Uint8Array(100_000_000));

  test("more than was promised, soon and with little memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const error = expect.objectContaining({ code: "size-mismatch", format: "npz" });
    expect(() => inflate(million, 7, known(1000))).toThrow(error);
    expect(() => inflate(million, 7, known(20_000_000))).toThrow(/expected 20000000 decompressed bytes, got more/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150e6);
  });

  test("less than was promised, without reserving it", () => {
    const before = process.memoryUsage().arrayBuffers;
    const compressed = deflateRawSync(Buffer.from("short"));
    const error = expect.objectContaining({ code: "size-mismatch", offset: 7 + compressed.length });
    expect(() => inflate(compressed, 7, known(1e9))).toThrow(error);
    expect(() => inflate(compressed, 7, () => undefined)).toThrow(/expected more decompressed bytes, got 5/);
    expect(() => inflate(new Uint8Array(0), 7, known(1))).toThrow(/got 0/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16e6);
  });

  test("bytes that are not deflate, or end early", () => {
    const error = expect.objectContaining({ code: "invalid-deflate", offset: 7 });
    expect(() => inflate(Uint8Array.of(7, 1, 2, 3), 7, known(10))).toThrow(error);
    expect(() => inflate(deflateRawSync(Buffer.from("hello")).subarray(0, 4), 7, known(5))).toThrow(error);
  });

  test("what the promise throws is passed on", () => {
    const promise = (): number => {
      throw new Error("no promise");
    };
    expect(() => inflate(deflateRawSync(Buffer.from("x")), 0, promise)).toThrow("no promise");
  });
});
