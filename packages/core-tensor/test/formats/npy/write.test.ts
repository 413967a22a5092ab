import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNpy, writeNpy } from "../../../src/formats/npy/index.ts";
import { fromBytes, tensor } from "../../../src/tensor/create.ts";
import { DeviceTensor } from "../../../src/tensor/device.ts";
import { DeviceError } from "../../../src/tensor/errors.ts";
import { HostTensor, denseStorage } from "../../../src/tensor/host.ts";
import { anyStored } from "../storable.ts";
import { numpyFiles } from "./numpyFiles.ts";

describe("the bytes that NumPy writes", () => {
  test.each(numpyFiles.arrays.filter(({ same }) => same))("$title", ({ file }) => {
    expect(Buffer.from(writeNpy(readNpy(file))).toString("latin1")).toBe(Buffer.from(file).toString("latin1"));
  });
});

test("any tensor comes back with its dtype, shape and bits, whatever its strides", () => {
  fc.assert(
    fc.property(anyStored, (value) => {
      const read = readNpy(writeNpy(value));
      expect([read.dtype, read.shape]).toEqual([value.dtype, value.shape]);
      const [a, b] = [denseStorage(read), denseStorage(value)];
      expect(
        Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(new Uint8Array(b.buffer, b.byteOffset, b.byteLength)),
      ).toBe(true);
      expect(writeNpy(read)).toEqual(writeNpy(value));
    }),
  );
});

test("the elements start at a multiple of 64, whatever the shape", () => {
  for (let rank = 0; rank <= 64; rank++) {
    const value = tensor([1], { shape: new Array<number>(rank).fill(1), dtype: "int8" });
    expect((writeNpy(value).length - 1) % 64).toBe(0);
    expect(readNpy(writeNpy(value)).rank).toBe(rank);
  }
});

describe("refused", () => {
  test.each(["int4", "uint4", "int2"] as const)("%s, which NumPy does not have", (dtype) => {
    const packed = tensor([0, 1], { dtype });
    expect(() => writeNpy(packed)).toThrow(TypeError);
    expect(() => writeNpy(packed)).toThrow(new RegExp(`writeNpy: expected .*, got ${dtype}`));
  });

  test("a tensor that is not in memory", () => {
    const handle = { backend: "far away", read: () => expect.unreachable(), release: () => {} };
    expect(() => writeNpy(new DeviceTensor("float32", [1], handle))).toThrow(DeviceError);
  });

  test("more dimensions than NumPy has", () => {
    const value = fromBytes("int8", new Array<number>(65).fill(1), Uint8Array.of(1));
    expect(() => writeNpy(value)).toThrow(new RangeError("writeNpy: expected at most 64 dimensions, got 65"));
  });
});

test("a transposed view is written in Fortran order, as NumPy does", () => {
  const value = new HostTensor("int8", [3, 2], Int8Array.of(1, 2, 3, 4, 5, 6), { strides: [1, 3], offset: 0 });
  const file = writeNpy(value);
  expect(Buffer.from(file).toString("latin1")).toContain("'fortran_order': True");
  expect([...file.subarray(-6)]).toEqual([1, 2, 3, 4, 5, 6]);
});
