import type { Dim } from "../../tensor/dims.ts";
import { ShapeError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { newLanes } from "../../tensor/lanes.ts";
import { broadcastShapes, formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { apply } from "../apply.ts";
import { expectDType, expectInputs, expectSameDType } from "../checks.ts";
import { reshape } from "../movement/index.ts";
import { type Operand, operands } from "../operand.ts";
import type { ConcreteType, NoAttributes, Primitive } from "../primitive.ts";
import type { ValueType } from "../program.ts";
import { fromComputedLanes } from "../safeLanes.ts";
import { type MatrixView, multiplyPacked, packLeft, packRight, stridedLanes } from "./gemm.ts";
import { multiplyThin } from "./thinProduct.ts";

/** Below this number of rows, packing the right factor does not pay. */
const thinRows = 8;

/** Products of matrices in the last two axes; the axes before them broadcast. */
export const matmulPrimitive: Primitive<NoAttributes> = {
  name: "matmul",
  infer(inputs) {
    const [a, b] = expectInputs("matmul", inputs, 2) as [ValueType, ValueType];
    expectDType("matmul", "a", a.dtype, "number");
    expectSameDType("matmul", "b", b.dtype, a.dtype);
    const fits = a.shape.length >= 2 && b.shape.length >= 2 && a.shape.at(-1) === b.shape.at(-2);
    if (!fits) {
      throw new ShapeError({
        op: "matmul",
        expected: "shapes [..., n, k] and [..., k, m]",
        found: `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      });
    }
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ dtype: a.dtype, shape: [...batch, a.shape.at(-2) as Dim, b.shape.at(-1) as Dim] }];
  },
  kernel(inputs, _attributes, [type]) {
    const [a, b] = inputs as [HostTensor, HostTensor];
    const { dtype, shape } = type as ConcreteType;
    const [n, m] = shape.slice(-2) as [number, number];
    const k = a.shape.at(-1) as number;
    const out = newLanes(dtype, sizeOf(shape));
    const batch = shape.slice(0, -2);
    const lefts = matrixViews(a, batch);
    const rights = matrixViews(b, batch);
    const packA = packedOnce((view) => packLeft(view, n, k));
    const packB = packedOnce((view) => packRight(view, k, m));
    lefts.forEach((left, i) => {
      const right = rights[i] as MatrixView;
      if (n < thinRows) multiplyThin(left, right, n, k, m, out, i * n * m);
      else multiplyPacked(packA(left), packB(right), n, k, m, out, i * n * m);
    });
    return [fromComputedLanes("matmul", dtype, shape, out)];
  },
};

/** Where the matrix of each index of the broadcast batch lies. */
function matrixViews(tensor: HostTensor, batch: readonly number[]): MatrixView[] {
  const { data, offset, strides } = stridedLanes(tensor);
  const rowStride = strides.at(-2) as number;
  const columnStride = strides.at(-1) as number;
  const missing = batch.length - (tensor.rank - 2);
  return Array.from({ length: sizeOf(batch) }, (_, index) => {
    let at = offset;
    for (let axis = batch.length - 1, rest = index; axis >= 0; axis--) {
      const dim = batch[axis] as number;
      const own = axis - missing;
      if (own >= 0 && tensor.shape[own] !== 1) at += (rest % dim) * (strides[own] as number);
      rest = Math.floor(rest / dim);
    }
    return { data, offset: at, rowStride, columnStride };
  });
}

/** Packs a matrix again only when it is not the one before: a factor that repeats along the batch is packed once. */
function packedOnce(pack: (view: MatrixView) => Float64Array): (view: MatrixView) => Float64Array {
  let at = -1;
  let packed: Float64Array = new Float64Array(0);
  return (view) => {
    if (view.offset !== at) packed = pack(view);
    at = view.offset;
    return packed;
  };
}

/**
 * Matrix product over the last two axes: `[..., n, k] x [..., k, m] -> [..., n, m]`; leading axes broadcast. As
 * in NumPy a vector on the left is a row and one on the right is a column, and the axis that was added for it is
 * left out of the result. Sums are taken in float64 and rounded once.
 *
 * @throws ShapeError for scalars or when the inner dimensions differ; DTypeError for different dtypes or bool.
 * @example matmul([[1, 2], [3, 4]], [1, 1]).toArray() // [3, 7]
 */
export function matmul(a: Operand, b: Operand): Tensor {
  const [x, y] = operands(a, b) as [Tensor, Tensor];
  const row = x.rank === 1;
  const column = y.rank === 1;
  const left = row ? reshape(x, [1, x.shape[0] as number]) : x;
  const right = column ? reshape(y, [y.shape[0] as number, 1]) : y;
  const product = apply(matmulPrimitive, [left, right], {})[0] as Tensor;
  if (!row && !column) return product;
  const { shape, rank } = product;
  return reshape(
    product,
    shape.filter((_, axis) => !(row && axis === rank - 2) && !(column && axis === rank - 1)),
  );
}
