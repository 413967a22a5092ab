import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  SafetensorsError,
  readSafetensors,
  serializeSafetensors,
  writeSafetensors,
} from "../../../src/formats/safetensors/index.ts";
import { fromBytes, tensor } from "../../../src/tensor/create.ts";
import { DeviceTensor } from "../../../src/tensor/device.ts";
import { type DType, dtypes } from "../../../src/tensor/dtype.ts";
import { DeviceError } from "../../../src/tensor/errors.ts";
import { HostTensor, denseStorage } from "../../../src/tensor/host.ts";
import { anyStored } from "../storable.ts";

const storable: readonly DType[] = [
  "float64",
  "float32",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int8",
  "uint8",
  "bool",
];

describe("every dtype comes back with its bits", () => {
  test.each(storable)("%s", (dtype) => {
    const bytes = new Uint8Array((dtypes[dtype].bits / 8) * 6).map((_, i) => (dtype === "bool" ? i % 2 : i * 41));
    const value = fromBytes(dtype, [2, 3], bytes);
    const file = writeSafetensors({ value }, { metadata: { made: "by hand" } });
    const { tensors, metadata } = readSafetensors(file);
    expect(metadata).toEqual({ made: "by hand" });
    const read = tensors["value"] as HostTensor;
    expect([read.dtype, read.shape]).toEqual([dtype, [2, 3]]);
    expect(new Uint8Array(read.storage.buffer, read.storage.byteOffset, read.storage.byteLength)).toEqual(bytes);
    // The storage is the file's own bytes.
    expect(read.storage.buffer).toBe(file.buffer);
  });
});

test("scalars, empty tensors and strided views", () => {
  const base = new HostTensor("int32", [3, 2], Int32Array.of(1, 2, 3, 4, 5, 6), { strides: [1, 3], offset: 0 });
  const { tensors } = readSafetensors(
    writeSafetensors({ scalar: tensor(2.5), empty: tensor([], { shape: [0, 3] }), transposed: base }),
  );
  expect(tensors["scalar"]?.toArray()).toBe(2.5);
  expect(tensors["empty"]?.shape).toEqual([0, 3]);
  expect(tensors["transposed"]?.toArray()).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test("a file at an odd place in memory is read, from a Buffer too", () => {
  const file = writeSafetensors({ w: tensor([1.5, -2], { dtype: "float64" }) });
  for (const shift of [0, 1, 4, 7]) {
    const moved = Buffer.alloc(file.length + shift);
    moved.set(file, shift);
    expect(readSafetensors(moved.subarray(shift)).tensors["w"]?.toArray()).toEqual([1.5, -2]);
  }
});

describe("refused", () => {
  test.each(["int4", "uint4", "int2"] as const)("%s, which the format does not have", (dtype) => {
    const packed = tensor([0, 1], { dtype });
    expect(() => writeSafetensors({ packed })).toThrow(TypeError);
    expect(() => writeSafetensors({ packed })).toThrow(new RegExp(`tensor "packed": expected .*, got ${dtype}`));
  });

  test("a tensor that is not in memory", () => {
    const handle = { backend: "far away", read: () => expect.unreachable(), release: () => {} };
    const distant = new DeviceTensor("float32", [1], handle);
    expect(() => writeSafetensors({ w: distant })).toThrow(DeviceError);
    expect(() => writeSafetensors({ w: distant })).toThrow(/tensor "w": .* got a device tensor/);
  });

  test("a stored type that Tensor does not have", () => {
    const file = serializeSafetensors({ w: { dtype: "U32", shape: [1], bytes: new Uint8Array(4) } });
    expect(() => readSafetensors(file)).toThrow(SafetensorsError);
    expect(() => readSafetensors(file)).toThrow(/tensor "w": expected .*, got U32/);
  });

  test("a boolean other than 0 and 1, with its place", () => {
    const file = serializeSafetensors({ w: { dtype: "BOOL", shape: [3], bytes: Uint8Array.of(0, 1, 2) } });
    const error = expect.objectContaining({ code: "invalid-value", offset: file.length - 1 });
    expect(() => readSafetensors(file)).toThrow(error);
  });
});

test("any tensor comes back with its dtype, shape and bits, whatever its strides", () => {
  fc.assert(
    fc.property(anyStored, anyStored, (first, second) => {
      const { tensors } = readSafetensors(writeSafetensors({ first, second }));
      for (const [read, value] of [
        [tensors["first"] as HostTensor, first],
        [tensors["second"] as HostTensor, second],
      ] as const) {
        expect([read.dtype, read.shape]).toEqual([value.dtype, value.shape]);
        expect(denseStorage(read)).toEqual(denseStorage(value));
      }
    }),
  );
});

test("an empty tensor whose other dimensions multiply beyond all numbers is refused", () => {
  const shape = [...new Array<number>(30).fill(Number.MAX_SAFE_INTEGER), 0];
  const file = serializeSafetensors({ w: { dtype: "F32", shape, bytes: new Uint8Array(0) } });
  expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ name: "SafetensorsError", code: "overflow" }));
});
