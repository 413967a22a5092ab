import fc from "fast-check";
import ndarray from "ndarray";
import { expect, test } from "vitest";
import { type TensorLike, fromBytes, fromTensorData, tensor, toHost } from "../../src/tensor/create.ts";
import { DeviceTensor } from "../../src/tensor/device.ts";
import { type DType, dtypeNames, dtypes } from "../../src/tensor/dtype.ts";
import { DTypeError, DeviceError, ShapeError } from "../../src/tensor/errors.ts";
import { HostTensor, denseStorage, isDense } from "../../src/tensor/host.ts";

test("nested arrays, numbers, booleans and bigints", () => {
  expect(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toMatchObject({ dtype: "float32", shape: [2, 3], rank: 2, size: 6 });
  expect(tensor(3).toArray()).toBe(3);
  expect(tensor([true, false])).toMatchObject({ dtype: "bool" });
  expect(tensor([true, false]).toArray()).toEqual([true, false]);
  expect(tensor([1n, 2n]).dataSync()).toEqual(BigInt64Array.of(1n, 2n));
  expect(tensor([[], []]).shape).toEqual([2, 0]);
  expect(tensor([]).toArray()).toEqual([]);
});

test("typed arrays are adopted, with a shape", () => {
  const data = Float32Array.of(1, 2, 3, 4);
  const t = tensor(data, { shape: [2, 2] });
  expect(t.dataSync()).toBe(data);
  expect(t.toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test("an ndarray view comes in with its strides and goes out as a view", () => {
  const base = ndarray(
    Float32Array.from({ length: 6 }, (_, i) => i),
    [2, 3],
  );
  expect(tensor(base.transpose(1, 0) as unknown as TensorLike).toArray()).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  const storage = Float32Array.of(1, 2, 3, 4);
  const view = tensor(storage, { shape: [2, 2] }).view();
  expect(view.data).toBe(storage);
  expect(view.get(1, 0)).toBe(3);
});

test("tensors of onnxruntime and TensorFlow.js by their shape", () => {
  expect(tensor({ type: "int64", dims: [2], data: BigInt64Array.of(5n, 6n) }).toArray()).toEqual([5, 6]);
  expect(tensor({ dtype: "int32", shape: [1, 2], dataSync: () => Int32Array.of(7, 8) }).toArray()).toEqual([[7, 8]]);
  expect(() => tensor({ type: "string", dims: [1], data: ["a"] })).toThrow(DTypeError);
});

test("bad data name what is wrong", () => {
  expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
  expect(() => tensor([1, [2]] as never)).toThrow(ShapeError);
  expect(() => tensor([1, true] as never)).toThrow(DTypeError);
  expect(() => tensor(["a"] as never)).toThrow(DTypeError);
  expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(/expected dimensions of 3 elements/);
  expect(() => tensor([1], { shape: [1.5] })).toThrow(ShapeError);
  expect(() => tensor([1], { dtype: "float8" as DType })).toThrow(DTypeError);
  expect(() => tensor({ some: "object" } as never)).toThrow(/expected nested arrays/);
  expect(() => tensor([1.5], { dtype: "int64" })).toThrow(/whole number/);
  expect(() => tensor(new Uint32Array(1) as never)).toThrow(DTypeError);
});

test("every dtype keeps small whole numbers through every way in and out", async () => {
  for (const dtype of dtypeNames) {
    const values = [0, 1, dtypes[dtype].kind === "bool" ? 1 : dtype === "uint4" || dtype === "uint8" ? 3 : -2];
    const t = tensor(values, { dtype });
    expect(Array.from(t.dataSync() as ArrayLike<number | bigint>, Number), dtype).toEqual(values);
    const again = fromTensorData(dtype, t.shape, await t.data());
    expect(denseStorage(again), dtype).toEqual(denseStorage(t));
    const codes = denseStorage(t);
    const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
    expect(denseStorage(fromBytes(dtype, [3], bytes)), dtype).toEqual(codes);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(denseStorage(fromBytes(dtype, [3], shifted.subarray(1))), dtype).toEqual(codes);
    expect(denseStorage(fromBytes(dtype, [3], Buffer.from(shifted.buffer).subarray(1))), dtype).toEqual(codes);
  }
  expect(() => fromBytes("float32", [2], new Uint8Array(7))).toThrow(ShapeError);
});

test("strided storage reads as the elements that its strides name", () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 0, maxLength: 4 });
  fc.assert(
    fc.property(shapes, fc.infiniteStream(fc.constantFrom(0, 1, -1, 2)), (shape, steps) => {
      const factors = [...shape.keys()].map(() => steps.next().value as number);
      let span = 1;
      let offset = 0;
      const strides = shape.map((dim, axis) => {
        const stride = (factors[axis] as number) * span;
        if (stride < 0) offset += -stride * Math.max(0, dim - 1);
        span += Math.abs(stride) * Math.max(0, dim - 1);
        return stride;
      });
      const storage = Float32Array.from({ length: span + offset + 1 }, (_, i) => i);
      const t = new HostTensor("float32", shape, storage, { strides, offset });
      const slow: number[] = [];
      const visit = (axis: number, at: number): void => {
        if (axis === shape.length) slow.push(at);
        else for (let i = 0; i < (shape[axis] as number); i++) visit(axis + 1, at + i * (strides[axis] as number));
      };
      visit(0, offset);
      expect(Array.from(t.dataSync() as Float32Array)).toEqual(slow);
      if (isDense(t)) expect(denseStorage(t).buffer).toBe(storage.buffer);
    }),
  );
});

test("int64 beyond the doubles is kept by data() and refused as a number", () => {
  const t = tensor([2n ** 60n + 1n]);
  expect(t.dataSync()[0]).toBe(2n ** 60n + 1n);
  expect(() => t.toArray()).toThrow(RangeError);
  expect(() => t.item()).toThrow(RangeError);
  expect(() => tensor([1, 2]).item()).toThrow(/one element/);
});

test("a device tensor is read and released through its handle", async () => {
  let released = 0;
  const device = new DeviceTensor("float32", [2], {
    backend: "test",
    read: async () => Float32Array.of(1, 2),
    release: () => void released++,
  });
  expect((await toHost(device)).toArray()).toEqual([1, 2]);
  expect(() => device.dataSync()).toThrow(DeviceError);
  expect(() => device.toArray()).toThrow(/on "test"/);
  device.dispose();
  device[Symbol.dispose]();
  expect(released).toBe(1);
  await expect(device.data()).rejects.toThrow(DeviceError);
});
