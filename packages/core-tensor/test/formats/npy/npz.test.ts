import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { NpyError, readNpy, readNpz, writeNpy, writeNpz } from "../../../src/formats/npy/index.ts";
import { collectGarbage } from "../fuzz.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { DeviceTensor } from "../../../src/tensor/device.ts";
import { ArgumentError, DeviceError } from "../../../src/tensor/errors.ts";
import { HostTensor, denseStorage } from "../../../src/tensor/host.ts";
import { anyStored } from "../storable.ts";
import { expectDescribed, numpyFiles } from "./numpyFiles.ts";
import { patched, zipRecords } from "./zipRecords.ts";

describe("what NumPy wrote", () => {
  test.each(numpyFiles.archives)("$title", ({ file, arrays }) => {
    const before = file.slice();
    const read = readNpz(file);
    expect(Object.keys(read)).toEqual(Object.keys(arrays));
    for (const [name, array] of Object.entries(arrays)) expectDescribed(read[name], array);
    expect(file).toEqual(before);
    expect(Object.keys(readNpz(Buffer.from(file)))).toEqual(Object.keys(arrays));
  });

  test.each(numpyFiles.archives.filter(({ same }) => same))("the same bytes: $title", ({ file }) => {
    expect(Buffer.from(writeNpz(readNpz(file))).toString("latin1")).toBe(Buffer.from(file).toString("latin1"));
  });
});

test("any tensors come back, compressed or not", () => {
  const names = fc.string({ unit: "grapheme", maxLength: 6 }).filter((name) => !name.includes("\0"));
  const records = fc.dictionary(names, anyStored, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(records, fc.boolean(), (tensors, compress) => {
      const file = writeNpz(tensors, { compress });
      const read = readNpz(file);
      expect(Object.keys(read)).toEqual(Object.keys(tensors));
      for (const [name, value] of Object.entries(tensors)) {
        const found = read[name] ?? tensor(0);
        expect([found.dtype, found.shape]).toEqual([value.dtype, value.shape]);
        expect(denseStorage(found)).toEqual(denseStorage(value));
      }
      expect(writeNpz(read, { compress })).toEqual(file);
    }),
  );
});

describe("names", () => {
  const file = zipSync({
    "a.npy": writeNpy(tensor([1])),
    "b.npy": writeNpy(tensor([2])),
    "notes.txt": new Uint8Array(3),
  });

  test("those that are asked for are read, others may be anything", () => {
    expect(readNpz(file, { names: ["b"] })["b"]?.toArray()).toEqual([2]);
    expect(Object.keys(readNpz(file, { names: ["b", "a"] }))).toEqual(["a", "b"]);
    expect(readNpz(file, { names: [] })).toEqual({});
  });

  test("one that is not there", () => {
    expect(() => readNpz(file, { names: ["a", "c"] })).toThrow(ArgumentError);
    expect(() => readNpz(file, { names: ["a", "c"] })).toThrow(/names: expected names of entries \("a.npy", .*got "c"/);
  });

  test("entries that are no arrays are refused when all are read", () => {
    const offset = zipRecords(file).local[2] as number;
    expect(() => readNpz(file)).toThrow(expect.objectContaining({ code: "unexpected-entry", offset }));
  });
});

describe("damaged entries", () => {
  const value = tensor([1, 2, 3]);
  const stored = writeNpz({ a: value });
  const begin = 30 + 5 + 20;

  test("a stored one: the place in the archive", () => {
    const bad = patched(stored, [begin + 6, 2, 9]);
    const error = expect.objectContaining({ code: "unsupported-version", offset: begin + 6 });
    expect(() => readNpz(bad)).toThrow(error);
    expect(() => readNpz(bad)).toThrow(/^npz: entry "a.npy": expected version .*, got 9\.0 \(at byte 61\)$/);
  });

  test("a compressed one: where its bytes start, and the place within", () => {
    const npy = patched(writeNpy(value), [6, 2, 9]);
    const bad = zipSync({ "a.npy": npy });
    const error = expect.objectContaining({ code: "unsupported-version", offset: 35 });
    expect(() => readNpz(bad)).toThrow(error);
    expect(() => readNpz(bad)).toThrow(/got 9\.0 \(at its byte 6\) \(at byte 35\)$/);
  });

  test("another checksum", () => {
    const bad = stored.slice();
    bad[begin + 130] = 1;
    expect(() => readNpz(bad)).toThrow(expect.objectContaining({ code: "checksum", offset: begin }));
  });

  test("a boolean that is none", () => {
    const npy = writeNpy(tensor([true]));
    npy[npy.length - 1] = 7;
    for (const level of [0, 6] as const) {
      expect(() => readNpz(zipSync({ "a.npy": npy }, { level }))).toThrow(
        expect.objectContaining({ code: "invalid-value" }),
      );
    }
  });

  test("a pickle is not touched", () => {
    const file = zipSync({ "a.npy": Buffer.from(numpyFiles.refused["objects"] as string, "base64") });
    expect(() => readNpz(file)).toThrow(expect.objectContaining({ code: "unsupported-dtype" }));
  });
});

describe("entries that grow", () => {
  const zeros = tensor(new Uint8Array(50_000_000));
  const bomb = writeNpz({ zeros }, { compress: true });

  test("as far as the caller allows, together", () => {
    expect(bomb.length).toBeLessThan(60_000);
    expect(readNpz(bomb)["zeros"]?.size).toBe(50_000_000);
    const error = expect.objectContaining({ code: "too-large", offset: 0 });
    expect(() => readNpz(bomb, { maxInflatedBytes: 1e7 })).toThrow(error);
    const small = { a: tensor([1]), b: tensor([2]) };
    expect(Object.keys(readNpz(writeNpz(small), { maxInflatedBytes: 0 }))).toEqual(["a", "b"]);
    expect(() => readNpz(writeNpz(small, { compress: true }), { maxInflatedBytes: 200 })).toThrow(/got 264/);
  });

  test("not beyond what their header promises, whatever the directory says", () => {
    const { central, local } = zipRecords(bomb);
    const claims = [1000, 2_000_000_000].map((size) =>
      patched(bomb, [(central[0] as number) + 24, 4, size], [(local[0] as number) + 30 + 9 + 4, 4, size]),
    );
    // What waits for the garbage collector may be collected in between, or not.
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (const bad of claims) {
      expect(() => readNpz(bad, { maxInflatedBytes: Infinity })).toThrow(
        expect.objectContaining({ code: "size-mismatch" }),
      );
    }
    // Pieces of the stream that nobody collected yet, at most; not the 2 GB that were claimed.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5e8);
  });

  test("nor when header and directory agree on a lie", () => {
    const honest = Buffer.from(writeNpy(tensor(new Uint8Array(20_000)))).toString("latin1");
    const lie = honest.replace("(20000,), }     ", "(1000000000,), }");
    expect(lie).toHaveLength(honest.length);
    const file = zipSync({ "a.npy": Buffer.from(lie, "latin1") });
    const { central, local } = zipRecords(file);
    const size = 128 + 1e9;
    const bad = patched(file, [(central[0] as number) + 24, 4, size], [(local[0] as number) + 22, 4, size]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readNpz(bad)).toThrow(/expected 1000000128 decompressed bytes, got 20128/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16e6);
  });
});

test("writing is repeatable, and stored arrays are read without being decompressed", () => {
  const file = writeNpz({ b: tensor([1]), a: tensor([2]) });
  expect(writeNpz({ b: tensor([1]), a: tensor([2]) })).toEqual(file);
  const [first] = zipRecords(file).local;
  expect(readNpy(file.subarray((first as number) + 55, (first as number) + 55 + 132)).toArray()).toEqual([1]);
});

describe("what cannot be written", () => {
  test("packed dtypes and tensors elsewhere, by name", () => {
    expect(() => writeNpz({ w: tensor([1], { dtype: "int4" }) })).toThrow(TypeError);
    expect(() => writeNpz({ w: tensor([1], { dtype: "int4" }) })).toThrow(/^writeNpz: tensor "w": expected .*got int4/);
    const handle = { backend: "far away", read: () => expect.unreachable(), release: () => {} };
    expect(() => writeNpz({ w: new DeviceTensor("float32", [1], handle) })).toThrow(DeviceError);
  });

  test("names that an archive cannot hold", () => {
    for (const name of ["a\0b", "\ud800"]) {
      expect(() => writeNpz({ [name]: tensor([1]) })).toThrow(/without null characters and lone surrogates/);
    }
    expect(() => writeNpz({ ["é".repeat(40_000)]: tensor([1]) })).toThrow(/at most 65531 bytes, got 80000/);
    const longest = "n".repeat(65_531);
    expect(Object.keys(readNpz(writeNpz({ [longest]: tensor([1]) })))).toEqual([longest]);
  });

  test("4 GiB and more, before anything is copied", () => {
    const half = new HostTensor("int8", [2 ** 31], new Int8Array(1), { strides: [0], offset: 0 });
    const whole = new HostTensor("int8", [2 ** 32], new Int8Array(1), { strides: [0], offset: 0 });
    expect(() => writeNpz({ a: half, b: half })).toThrow(/below 4 GiB, got 4294967296 bytes/);
    expect(() => writeNpz({ whole }, { compress: true })).toThrow(RangeError);
  });

  test("more entries than the format counts without zip64", () => {
    const one = tensor([1], { dtype: "int8" });
    const many = Object.fromEntries(Array.from({ length: 65_535 }, (_, i) => [`t${i}`, one]));
    expect(() => writeNpz(many)).toThrow(new RangeError("writeNpz: expected at most 65534 tensors, got 65535"));
  });
});

test("errors are FormatErrors of their format", () => {
  expect(() => readNpz(new Uint8Array(3))).toThrow(NpyError);
  expect(() => readNpz(new Uint8Array(3))).toThrow(/^npz: /);
  expect(() => readNpy(new Uint8Array(3))).toThrow(/^npy: /);
});
