import { ShapeError } from "../../tensor/errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { mul } from "../elementwise/index.ts";
import { matmul } from "../linalg/index.ts";
import { reshape } from "../movement/index.ts";
import { type Operand, operands } from "../operand.ts";

function expectVectors(op: string, ...values: readonly Tensor[]): void {
  if (values.some((value) => value.rank !== 1)) {
    throw new ShapeError({
      op,
      expected: "vectors",
      found: values.map(({ shape }) => formatShape(shape)).join(" and "),
    });
  }
}

/** Sum of the products of two vectors of one length, a scalar. */
export function dot(a: Operand, b: Operand): Tensor {
  const [x, y] = operands(a, b) as [Tensor, Tensor];
  expectVectors("dot", x, y);
  return matmul(x, y);
}

/** Products of all pairs of elements of two vectors: `[length of a, length of b]`. */
export function outer(a: Operand, b: Operand): Tensor {
  const [x, y] = operands(a, b) as [Tensor, Tensor];
  expectVectors("outer", x, y);
  return mul(reshape(x, [x.shape[0] as number, 1]), y);
}
