import type { BinaryName } from "../../../ops/elementwise/index.ts";
import type { NoAttributes } from "../../../ops/primitive.ts";
import type { OpAttributes } from "../../../ops/vocabulary.ts";
import type { DType } from "../../../tensor/dtype.ts";
import {
  divide,
  divideKernels,
  extremeKernels,
  larger,
  multiply,
  multiplyKernels,
  power,
  powerKernels,
  remainder,
  remainderKernels,
  select,
  selectKernels,
  smaller,
  wrap,
  wrapKernels,
} from "../arithmetic.ts";
import type { Tf, TfTensor } from "../engine.ts";
import { type TfLowering, type TfLoweringTable, binary, inputType } from "../lowering.ts";

/** An op on two numbers of one dtype. */
function numeric(
  kernels: readonly string[],
  call: (tf: Tf, a: TfTensor, b: TfTensor, dtype: DType) => TfTensor,
): TfLowering<NoAttributes> {
  return binary(kernels, (c, a, b) => call(c.tf, a, b, inputType(c).dtype));
}

/** Ops on two inputs, element by element, and the choice between two. */
export const binaryLowerings: TfLoweringTable<Pick<OpAttributes, BinaryName | "where">> = {
  add: numeric(wrapKernels, (tf, a, b, dtype) => wrap(tf, tf.add(a, b), dtype)),
  sub: numeric(wrapKernels, (tf, a, b, dtype) => wrap(tf, tf.sub(a, b), dtype)),
  mul: numeric(multiplyKernels, multiply),
  div: numeric(divideKernels, divide),
  pow: numeric(powerKernels, power),
  rem: numeric(remainderKernels, remainder),
  atan2: numeric(["Atan2"], (tf, a, b) => tf.atan2(a, b)),
  minimum: numeric(extremeKernels, smaller),
  maximum: numeric(extremeKernels, larger),
  equal: numeric(["Equal"], (tf, a, b) => tf.equal(a, b)),
  notEqual: numeric(["NotEqual"], (tf, a, b) => tf.notEqual(a, b)),
  less: numeric(["Less"], (tf, a, b) => tf.less(a, b)),
  lessEqual: numeric(["LessEqual"], (tf, a, b) => tf.lessEqual(a, b)),
  greater: numeric(["Greater"], (tf, a, b) => tf.greater(a, b)),
  greaterEqual: numeric(["GreaterEqual"], (tf, a, b) => tf.greaterEqual(a, b)),
  logicalAnd: numeric(["LogicalAnd"], (tf, a, b) => tf.logicalAnd(a, b)),
  logicalOr: numeric(["LogicalOr"], (tf, a, b) => tf.logicalOr(a, b)),
  logicalXor: numeric(["NotEqual"], (tf, a, b) => tf.notEqual(a, b)),
  where: {
    kernels: selectKernels,
    lower: ({ tf }, [condition, a, b]) => [select(tf, condition as TfTensor, a as TfTensor, b as TfTensor)],
  },
};
