import { add, broadcastTo, cast, einsum, matmul, mul, swapAxes } from "../../../../ops/index.ts";
import type { Tensor } from "../../../../tensor/tensor.ts";
import type { OperatorReader, OperatorTable } from "../context.ts";
import { invalid, unsupported } from "../unsupported.ts";

/** `alpha A' B' + beta C`, C optional and broadcast. */
const gemm: OperatorReader = (context) => {
  const { attributes } = context;
  const operand = (index: number, transposed: boolean): Tensor => {
    const x = context.tensor(index);
    if (x.rank !== 2) return invalid(`expected a matrix at position ${index}, got ${x.rank} axes`);
    return transposed ? swapAxes(x, 0, 1) : x;
  };
  const product = matmul(operand(0, attributes.flag("transA", false)), operand(1, attributes.flag("transB", false)));
  const alpha = attributes.float("alpha", 1);
  const beta = attributes.float("beta", 1);
  const scaled = times(product, alpha);
  if (!context.has(2)) return scaled;
  const sum = add(scaled, times(context.tensor(2), beta));
  return sum.shape.length === product.shape.length ? sum : broadcastTo(sum, product.shape);
};

/** Factors are floats; the whole-number forms of Gemm have 1. */
function times(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x;
  return x.dtype.startsWith("float") || x.dtype === "bfloat16"
    ? mul(x, factor)
    : cast(mul(cast(x, "float64"), factor), x.dtype);
}

/** A diagonal of more elements than this is not picked: their positions would be listed. */
const longestDiagonal = 1 << 16;

const einsumReader: OperatorReader = (context) => {
  const values = context.tensors();
  const equation = context.attributes.text("equation");
  const picksDiagonal = (equation.split("->")[0] as string).split(",").some((term) => /([A-Za-z]).*\1/.test(term));
  const long = values.some(({ shape }) => shape.some((dim) => typeof dim === "number" && dim > longestDiagonal));
  if (picksDiagonal && long) return unsupported("a diagonal of that length");
  return einsum(equation, ...values);
};

/** Matrix products. */
export const linalg: OperatorTable = {
  MatMul: (context) => matmul(context.tensor(0), context.tensor(1)),
  Gemm: gemm,
  Einsum: einsumReader,
};
