import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply } from "../../../src/ops/apply.ts";
import {
  broadcastTo,
  concat,
  dimSize,
  full,
  fullLike,
  gather,
  gatherElements,
  iota,
  movementPrimitives,
  oneHot,
  ones,
  onesLike,
  pad,
  reshape,
  reverse,
  scatterAdd,
  scatterAddElements,
  slice,
  transpose,
  zeros,
  zerosLike,
} from "../../../src/ops/movement/index.ts";
import type { ValueType } from "../../../src/ops/program.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { type DType, dtypeNames, dtypes } from "../../../src/tensor/dtype.ts";
import { ArgumentError, AxisError, DTypeError, ShapeError } from "../../../src/tensor/errors.ts";
import type { HostTensor } from "../../../src/tensor/host.ts";
import { sizeOf } from "../../../src/tensor/shape.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

const host = (value: Tensor): HostTensor => value as HostTensor;
const computable = dtypeNames.filter((dtype) => !dtypes[dtype].packed);
/** 0, 1, 2, … in a shape; values repeat after 100 so that every dtype holds them. */
const counting = (shape: readonly number[], dtype: DType = "float32"): HostTensor =>
  tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => (dtype === "bool" ? i % 2 : i % 100)),
    { shape, dtype },
  );
const type = (shape: ValueType["shape"], dtype: DType = "float32"): ValueType => ({ dtype, shape });

/** Small shapes, zero-size ones among them. */
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const shapeAndAxis = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.integer({ min: 0, max: shape.length - 1 })));

/** The element at a multi-index, from nested arrays. */
const at = (value: Tensor, index: readonly number[]): unknown =>
  index.reduce<unknown>((part, i) => (part as readonly unknown[])[i], value.toArray());

/** Every multi-index of a shape, in row-major order. */
const indices = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, dim) => all.flatMap((head) => Array.from({ length: dim }, (_, i) => [...head, i])),
    [[]],
  );

describe("reshape", () => {
  test("keeps row-major order, fills in -1, and views dense storage", () => {
    const x = counting([2, 3]);
    expect(reshape(x, [3, -1]).toArray()).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(host(reshape(x, [6])).storage).toBe(x.storage);
    expect(reshape(transpose(x), [6]).toArray()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(reshape(slice(x, [1]), [3, 1]).toArray()).toEqual([[3], [4], [5]]);
    expect(reshape(5, [1, 1]).toArray()).toEqual([[5]]);
    expect(reshape(zeros([0, 3]), [3, 0, 2]).shape).toEqual([3, 0, 2]);
  });

  test("takes packed dtypes", () => {
    expect(reshape(tensor([1, -2, 3, -4, 5, 6], { dtype: "int4" }), [2, 3]).toArray()).toEqual([
      [1, -2, 3],
      [-4, 5, 6],
    ]);
  });

  test("resolves symbolic dimensions", () => {
    const { infer } = movementPrimitives.reshape;
    expect(infer([type(["batch", 4, 3])], { shape: ["batch", 12] })).toEqual([type(["batch", 12])]);
    expect(infer([type(["batch", 4, 3])], { shape: [-1, 3] })).toEqual([type(["4*batch", 3])]);
  });

  test("refuses other sizes", () => {
    expect(() => reshape(counting([2, 3]), [4])).toThrow(ShapeError);
    expect(() => reshape(counting([2, 3]), [4, -1])).toThrow("divide the 6 elements");
    expect(() => reshape(counting([2, 3]), [-1, -1])).toThrow(ShapeError);
    expect(() => movementPrimitives.reshape.infer([type(["batch", 4])], { shape: ["batch", 5] })).toThrow(ShapeError);
  });
});

describe("transpose", () => {
  test("permutes axes, reverses them by default, copies nothing", () => {
    const x = counting([2, 3]);
    expect(transpose(x).toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(host(transpose(x)).storage).toBe(x.storage);
    expect(transpose(counting([2, 3, 4]), [-1, 0, 1]).shape).toEqual([4, 2, 3]);
  });

  test("is undone by the inverse permutation", () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) =>
          fc.tuple(
            fc.constant(shape),
            fc.shuffledSubarray(
              shape.map((_, i) => i),
              { minLength: shape.length },
            ),
          ),
        ),
        ([shape, permutation]) => {
          const y = transpose(counting(shape), permutation);
          const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
          expect(transpose(y, inverse).toArray()).toEqual(counting(shape).toArray());
          for (const index of indices(y.shape))
            expect(at(y, index)).toBe(
              at(
                counting(shape),
                inverse.map((axis) => index[axis] as number),
              ),
            );
        },
      ),
    );
  });

  test("refuses what is no permutation, and packed dtypes", () => {
    expect(() => transpose(counting([2, 3]), [0, 0])).toThrow(AxisError);
    expect(() => transpose(counting([2, 3]), [0])).toThrow(AxisError);
    expect(() => transpose(counting([2, 3]), [0, 2])).toThrow(AxisError);
    expect(() => transpose(tensor([[1, 2]], { dtype: "int4" }))).toThrow(DTypeError);
  });
});

describe("broadcastTo and full", () => {
  test("repeats without a copy", () => {
    expect(broadcastTo([[1], [2]], [2, 2, 3]).toArray()).toEqual([
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
    ]);
    expect(host(full([1000, 1000], 3)).storage.length).toBe(1);
    expect(zeros([2]).toArray()).toEqual([0, 0]);
    expect(ones([2], { dtype: "int64" }).dtype).toBe("int64");
    expect(full([2], true).toArray()).toEqual([true, true]);
    expect(fullLike(tensor([1, 2], { dtype: "int32" }), 7).toArray()).toEqual([7, 7]);
    expect(zerosLike([1, 2], { dtype: "bool" }).toArray()).toEqual([false, false]);
    expect(onesLike(3).toArray()).toBe(1);
    expect(broadcastTo(ones([1, 0]), [3, 0]).shape).toEqual([3, 0]);
    expect(broadcastTo(ones([1]), [0]).shape).toEqual([0]);
  });

  test("infers symbolic shapes and refuses what does not fit", () => {
    const { infer } = movementPrimitives.broadcastTo;
    expect(infer([type([1, 3])], { shape: ["batch", 3] })).toEqual([type(["batch", 3])]);
    expect(() => infer([type(["batch"])], { shape: [3] })).toThrow(ShapeError);
    expect(() => broadcastTo([1, 2], [3])).toThrow(ShapeError);
    expect(() => broadcastTo([[1, 2]], [2])).toThrow(ShapeError);
    expect(() => broadcastTo(1, [-1])).toThrow(ShapeError);
  });
});

describe("concat", () => {
  test("joins along any axis, for every dtype", () => {
    for (const dtype of computable) {
      const a = counting([2, 2], dtype);
      const b = counting([2, 1], dtype);
      const joined = concat([a, b, a], 1);
      expect(joined.dtype).toBe(dtype);
      const expected = (a.toArray() as unknown[][]).map((row, i) => [
        ...row,
        ...((b.toArray() as unknown[][])[i] as unknown[]),
        ...row,
      ]);
      expect(joined.toArray()).toEqual(expected);
    }
    expect(concat([[1], zeros([0]), [2, 3]]).toArray()).toEqual([1, 2, 3]);
    expect(concat([transpose(counting([2, 2])), [[9], [9]]], -1).toArray()).toEqual([
      [0, 2, 9],
      [1, 3, 9],
    ]);
  });

  test("is undone by slices", () => {
    fc.assert(
      fc.property(
        shapeAndAxis,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
        ([shape, axis], lengths) => {
          const parts = lengths.map((length) => counting(shape.with(axis, length)));
          const joined = concat(parts, axis);
          let start = 0;
          parts.forEach((part, i) => {
            const ends = start + (lengths[i] as number);
            const back = slice(
              joined,
              shape.map((_, other) => (other === axis ? start : null)),
              shape.map((_, other) => (other === axis ? ends : null)),
            );
            expect(back.toArray()).toEqual(part.toArray());
            start = ends;
          });
        },
      ),
    );
  });

  test("adds symbolic lengths and refuses what does not fit", () => {
    const { infer } = movementPrimitives.concat;
    expect(infer([type(["batch", 2]), type([1, 2])], { axis: 0 })).toEqual([type(["batch + 1", 2])]);
    expect(() => concat([])).toThrow(ArgumentError);
    expect(() => concat([[1], [[1]]])).toThrow("value 1");
    expect(() => concat([counting([2, 2]), counting([3, 2])], 1)).toThrow(ShapeError);
    expect(() => concat([[1], tensor([1], { dtype: "int32" })])).toThrow(DTypeError);
    expect(() => concat([[1], [2]], 1)).toThrow(AxisError);
  });
});

describe("slice", () => {
  const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: null });

  test("agrees with Array.prototype.slice for every bound", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        bound,
        bound,
        fc.integer({ min: 1, max: 3 }),
        (length, start, end, step) => {
          const values = Array.from({ length }, (_, i) => i);
          const expected = values.slice(start ?? 0, end ?? undefined).filter((_, i) => i % step === 0);
          expect(slice(tensor(values, { shape: [length] }), [start], [end], [step]).toArray()).toEqual(expected);
        },
      ),
    );
  });

  test("views storage, also of views", () => {
    const x = counting([3, 4]);
    expect(host(slice(x, [1], [2])).storage).toBe(x.storage);
    expect(slice(reverse(x, 1), [0, 1], [3, 4], [2, 2]).toArray()).toEqual([
      [2, 0],
      [10, 8],
    ]);
    expect(slice(transpose(x), [1, 0], [3, 1]).toArray()).toEqual([[1], [2]]);
  });

  test("keeps symbolic bounds", () => {
    const { infer } = movementPrimitives.slice;
    expect(infer([type(["batch", 4])], { starts: [1, 0], ends: ["batch", 4], steps: [1, 3] })).toEqual([
      type(["batch - 1", 2]),
    ]);
    expect(infer([type(["2*batch"])], { starts: [0], ends: ["2*batch"], steps: [2] })).toEqual([type(["batch"])]);
    expect(() => infer([type(["batch"])], { starts: [0], ends: ["batch"], steps: [2] })).toThrow(ShapeError);
    expect(() => infer([type(["batch"])], { starts: [0], ends: ["batch + 1"], steps: [1] })).toThrow(ShapeError);
  });

  test("refuses other ranges", () => {
    expect(() => slice([1, 2], [0, 0])).toThrow(ArgumentError);
    expect(() => slice([1, 2], [0], [2], [0])).toThrow("reverse");
    expect(() => apply(movementPrimitives.slice, [tensor([1, 2])], { starts: [0], ends: [3], steps: [1] })).toThrow(
      ShapeError,
    );
    expect(() => apply(movementPrimitives.slice, [tensor([1, 2])], { starts: [0], ends: [], steps: [1] })).toThrow(
      ArgumentError,
    );
  });
});

describe("reverse", () => {
  test("turns axes, copies nothing, and undoes itself", () => {
    const x = counting([2, 3]);
    expect(reverse(x, [0]).toArray()).toEqual([
      [3, 4, 5],
      [0, 1, 2],
    ]);
    expect(reverse(x).toArray()).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
    expect(host(reverse(x)).storage).toBe(x.storage);
    expect(reverse(zeros([0, 2])).shape).toEqual([0, 2]);
    fc.assert(
      fc.property(shapeAndAxis, ([shape, axis]) => {
        expect(reverse(reverse(counting(shape), axis), axis).toArray()).toEqual(counting(shape).toArray());
      }),
    );
    expect(() => reverse(x, 2)).toThrow(AxisError);
    expect(() => reverse(x, [0, 0])).toThrow(AxisError);
  });
});

describe("pad", () => {
  test("surrounds with a value, for every dtype", () => {
    for (const dtype of computable) {
      const padded = pad(
        counting([2, 2], dtype),
        [
          [1, 0],
          [0, 1],
        ],
        { value: 1 },
      );
      const one = dtype === "bool" ? true : 1;
      const [[a, b], [c, d]] = counting([2, 2], dtype).toArray() as [[unknown, unknown], [unknown, unknown]];
      expect(padded.toArray()).toEqual([
        [one, one, one],
        [a, b, one],
        [c, d, one],
      ]);
    }
    expect(pad([1, 2], [[0, 1]], { value: Number.NaN }).toArray()).toEqual([1, 2, Number.NaN]);
    expect(pad(zeros([0]), [[1, 1]], { value: 5 }).toArray()).toEqual([5, 5]);
    expect(pad(3, []).toArray()).toBe(3);
  });

  test("is undone by a slice", () => {
    fc.assert(
      fc.property(
        shapes.chain((shape) =>
          fc.tuple(
            fc.constant(shape),
            fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: shape.length, maxLength: shape.length }),
          ),
        ),
        ([shape, padding]) => {
          const padded = pad(counting(shape), padding, { value: -1 });
          const back = slice(
            padded,
            padding.map(([before]) => before),
            padding.map(([before], axis) => before + (shape[axis] as number)),
          );
          expect(back.toArray()).toEqual(counting(shape).toArray());
          const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
          const added = padded.size - sizeOf(shape);
          expect(sum(padded.dataSync() as Float32Array)).toBe(sum(counting(shape).dataSync() as Float32Array) - added);
        },
      ),
    );
  });

  test("infers symbolic shapes and refuses other counts", () => {
    expect(movementPrimitives.pad.infer([type(["batch", 2])], { before: [1, 0], after: [1, 0], value: 0 })).toEqual([
      type(["batch + 2", 2]),
    ]);
    expect(() => pad([1], [[-1, 0]])).toThrow(ArgumentError);
    expect(() =>
      pad(
        [1],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    ).toThrow(ArgumentError);
    expect(() => pad(tensor([1], { dtype: "uint8" }), [[1, 1]], { value: 300 })).toThrow("uint8");
  });
});

describe("gather and scatterAdd", () => {
  test("picks slices along an axis, for every dtype", () => {
    for (const dtype of computable) {
      const x = counting([3, 2], dtype);
      const rows = x.toArray() as unknown[][];
      expect(
        gather(x, [
          [2, 0],
          [1, 1],
        ]).toArray(),
      ).toEqual([
        [rows[2], rows[0]],
        [rows[1], rows[1]],
      ]);
    }
    expect(gather(counting([2, 3]), [2, 0], 1).toArray()).toEqual([
      [2, 0],
      [5, 3],
    ]);
    expect(gather(counting([2, 3]), 1).toArray()).toEqual([3, 4, 5]);
    expect(gather(counting([2, 3]), tensor([1], { dtype: "int64" }), -1).toArray()).toEqual([[1], [4]]);
    expect(gather(counting([2, 3]), zeros([0], { dtype: "int32" })).shape).toEqual([0, 3]);
  });

  test("adds updates, repeats too", () => {
    expect(scatterAdd([1, 2, 3], [0, 2, 0], [10, 20, 30]).toArray()).toEqual([41, 2, 23]);
    expect(scatterAdd(zeros([2, 2], { dtype: "int64" }), [1], ones([2, 1], { dtype: "int64" }), 1).toArray()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    // 4096 halves of float16 near 2048: each sum alone would be lost, together they round once.
    const half = full([4096], 0.5, { dtype: "float16" });
    expect(
      scatterAdd(full([1], 2048, { dtype: "float16" }), zeros([4096], { dtype: "int32" }), half).toArray(),
    ).toEqual([4096]);
  });

  test("are adjoint: <gather(x), y> = <x, scatterAdd(0, y)>", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.array(fc.nat(100), { maxLength: 5 })),
        ([outer, length, inner, raw]) => {
          const picks = tensor(
            raw.map((value) => value % length),
            { dtype: "int32", shape: [raw.length] },
          );
          const x = counting([outer, length, inner]);
          const y = counting([outer, raw.length, inner]);
          expect(dot(gather(x, picks, 1), y)).toBe(dot(x, scatterAdd(zerosLike(x), picks, y, 1)));
        },
      ),
    );
  });

  test("infers symbolic shapes", () => {
    expect(movementPrimitives.gather.infer([type([10, 4]), type(["batch", "time"], "int32")], { axis: 0 })).toEqual([
      type(["batch", "time", 4]),
    ]);
    const inputs = [type([10, 4]), type(["batch"], "int32"), type(["batch", 4])];
    expect(movementPrimitives.scatterAdd.infer(inputs, { axis: 0 })).toEqual([type([10, 4])]);
  });

  test("refuses indices outside, other dtypes and other updates", () => {
    expect(() => gather([1, 2], [0, 2])).toThrow("indices, element 1: expected an index in [0, 2), got 2");
    expect(() => gather([1, 2], -1)).toThrow(ArgumentError);
    expect(() => gather([1, 2], tensor([0.5]))).toThrow(DTypeError);
    expect(() => gather([1, 2], 0, 1)).toThrow(AxisError);
    expect(() => scatterAdd([1, 2], [0, 5], [1, 1])).toThrow(ArgumentError);
    expect(() => scatterAdd([1, 2], [0], [1, 1])).toThrow(ShapeError);
    expect(() => scatterAdd([1, 2], [0], tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => scatterAdd(tensor([true]), [0], tensor([true]))).toThrow(DTypeError);
  });
});

const dot = (a: Tensor, b: Tensor): number => {
  const [x, y] = [a.dataSync() as Float32Array, b.dataSync() as Float32Array];
  return x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
};

describe("gatherElements and scatterAddElements", () => {
  test("picks one element per index", () => {
    const x = counting([2, 3]);
    expect(gatherElements(x, [[1, 0, 1]]).toArray()).toEqual([[3, 1, 5]]);
    expect(
      gatherElements(
        x,
        [
          [2, 0],
          [1, 1],
        ],
        1,
      ).toArray(),
    ).toEqual([
      [2, 0],
      [4, 4],
    ]);
    expect(
      scatterAddElements(
        x,
        [
          [0, 0],
          [1, 2],
        ],
        [
          [10, 20],
          [30, 40],
        ],
        1,
      ).toArray(),
    ).toEqual([
      [30, 1, 2],
      [3, 34, 45],
    ]);
  });

  test("are adjoint", () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(3),
        fc.nat(4),
        fc.nat(1000),
        (outer, length, inner, count, seed) => {
          const x = counting([outer, length, inner]);
          const y = counting([outer, count, inner]);
          const picks = tensor(
            Array.from({ length: y.size }, (_, i) => (i * 7 + seed) % length),
            { dtype: "int32", shape: y.shape },
          );
          expect(dot(gatherElements(x, picks, 1), y)).toBe(dot(x, scatterAddElements(zerosLike(x), picks, y, 1)));
        },
      ),
    );
  });

  test("refuses other shapes and indices outside", () => {
    expect(() => gatherElements([[1, 2]], [0])).toThrow(ShapeError);
    expect(() => gatherElements([[1, 2]], [[0]], 0)).toThrow(ShapeError);
    expect(() => gatherElements([1, 2], [2])).toThrow("element 0");
    expect(() => scatterAddElements([1, 2], [2], [1])).toThrow(ArgumentError);
    expect(() => scatterAddElements([1, 2], [0], [1, 2])).toThrow(ShapeError);
    expect(() => scatterAddElements([1, 2], [0], tensor([1], { dtype: "int32" }))).toThrow(DTypeError);
    expect(() => gatherElements([1, 2], tensor([true]))).toThrow(DTypeError);
  });
});

describe("iota, dimSize, oneHot", () => {
  test("counts", () => {
    expect(iota(3).dtype).toBe("int32");
    expect(iota(3, { dtype: "float16" }).toArray()).toEqual([0, 1, 2]);
    expect(iota(0).shape).toEqual([0]);
    expect(movementPrimitives.iota.infer([], { length: "batch", dtype: "int32" })).toEqual([type(["batch"], "int32")]);
    expect(() => iota(-1)).toThrow(ShapeError);
    expect(() => iota(2, { dtype: "bool" })).toThrow(DTypeError);
    expect(() => iota("batch" as never)).toThrow("symbolic");
  });

  test("gives the length of an axis", () => {
    expect(dimSize(zeros([2, 5]), -1).toArray()).toBe(5);
    expect(dimSize(zeros([2, 5]), 0, { dtype: "float32" }).dtype).toBe("float32");
    expect(apply(movementPrimitives.dimValue, [], { dim: 3, dtype: "int32" })[0]?.toArray()).toBe(3);
    expect(() => dimSize(1, 0)).toThrow(AxisError);
    expect(() => movementPrimitives.dimValue.infer([], { dim: 3, dtype: "bool" })).toThrow(DTypeError);
  });

  test("writes indicator vectors; indices outside give zeros", () => {
    expect(oneHot([1, -1, 3], 3).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(oneHot([[0, 1]], 2, { axis: 0, dtype: "bool" }).toArray()).toEqual([[[true, false]], [[false, true]]]);
    expect(
      oneHot(
        [
          [0, 1],
          [1, 1],
        ],
        2,
        { axis: 1 },
      ).toArray(),
    ).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ]);
    expect(oneHot(1, 2).toArray()).toEqual([0, 1]);
    expect(
      movementPrimitives.oneHot.infer([type(["batch"], "int64")], { depth: 4, axis: 1, dtype: "float32" }),
    ).toEqual([type(["batch", 4])]);
    expect(() => oneHot(tensor([1]), 2)).toThrow(DTypeError);
    expect(() => oneHot([1], -1)).toThrow(ArgumentError);
    expect(() => oneHot([1], 2, { axis: 2 })).toThrow(AxisError);
  });
});
