import * as ops from "../../../ops/index.ts";
import type { Tensor } from "../../../tensor/tensor.ts";
import { activate, reluN1To1 } from "../activation.ts";
import { differences, products, quotients, sums } from "../known.ts";
import type { Form, OperatorNode, OperatorReader, OperatorRow, OperatorRows } from "../node.ts";
import {
  type Activated,
  type OptionsSpec,
  addOptions,
  divOptions,
  geluOptions,
  leakyReluOptions,
  mulOptions,
  subOptions,
} from "../options.ts";

/** An op on one input, in whatever order that is held. */
function unary(op: (x: Tensor, node: OperatorNode) => Tensor): OperatorReader {
  return (node) => {
    const { tensor, axes } = node.held(0, "real");
    return [{ tensor: op(tensor, node), axes }];
  };
}

/** An op on several inputs that broadcast. */
function broadcasting(count: number, op: (...tensors: Tensor[]) => Tensor, form: Form = "real"): OperatorReader {
  return (node) => {
    const { tensors, axes } = node.together(
      Array.from({ length: count }, (_, i) => i),
      form,
    );
    return [{ tensor: op(...tensors), axes }];
  };
}

const binary = (op: (a: Tensor, b: Tensor) => Tensor): OperatorReader =>
  broadcasting(2, (a, b) => op(a as Tensor, b as Tensor));

function activated(op: (a: Tensor, b: Tensor) => Tensor, spec: OptionsSpec<Activated>): OperatorReader {
  return (node) => {
    const { tensors, axes } = node.together([0, 1], "real");
    const [a, b] = tensors as [Tensor, Tensor];
    return [{ tensor: activate(node, op(a, b), node.options(spec).activation), axes }];
  };
}

/** Known numbers are computed with where no activation follows. */
function unlessActivated({ read, known }: OperatorRow, spec: OptionsSpec<Activated>): OperatorRow {
  return { read, known: (node) => (node.options(spec).activation === 0 ? known?.(node) : undefined) };
}

const square = (x: Tensor): Tensor => ops.mul(x, x);

/** Rounded down; for whole numbers exact, by taking the remainder off first. */
const floorDiv = (a: Tensor, b: Tensor): Tensor =>
  a.dtype.startsWith("float") ? ops.floor(ops.div(a, b)) : ops.div(ops.sub(a, ops.rem(a, b)), b);

/** The slope is held beside x: one for each channel, as a rule. */
const prelu = (x: Tensor, slope: Tensor): Tensor => ops.where(ops.less(x, 0), ops.mul(x, slope), x);

const addN: OperatorReader = (node) => {
  const { tensors, axes } = node.together(
    node.inputs.map((_, i) => i),
    "real",
  );
  return [{ tensor: tensors.reduce((a, b) => ops.add(a, b)), axes }];
};

/** `SELECT` also takes one condition for each index of the first axis. */
const select: OperatorReader = (node) => {
  const form: Form = node.moving(1, 2);
  const perRow = node.info.kind === "SELECT" && node.rank(0) === 1 && node.rank(1) > 1;
  if (!perRow) {
    const { tensors, axes } = node.together([0, 1, 2], (input) => (input === 0 ? "stored" : form));
    const [condition, a, b] = tensors as [Tensor, Tensor, Tensor];
    return [{ tensor: ops.where(condition, a, b), axes }];
  }
  const condition = node.plain(0, "stored");
  const rows = ops.reshape(condition, [condition.shape[0] as number, ...new Array<number>(node.rank(1) - 1).fill(1)]);
  return [node.result(ops.where(rows, node.plain(1, form), node.plain(2, form)))];
};

/** Operators that work element by element. Quantised numbers are computed with as floats. */
export const elementwise: OperatorRows = {
  ABS: unary(ops.abs),
  CEIL: unary(ops.ceil),
  COS: unary(ops.cos),
  ELU: unary((x) => ops.elu(x)),
  EXP: unary(ops.exp),
  FLOOR: unary(ops.floor),
  GELU: unary((x, node) => ops.gelu(x, { approximate: node.options(geluOptions).approximate ? "tanh" : "none" })),
  HARD_SWISH: unary(ops.hardSwish),
  LEAKY_RELU: unary((x, node) => ops.leakyRelu(x, node.options(leakyReluOptions).alpha)),
  LOG: unary(ops.log),
  LOGICAL_NOT: unary(ops.logicalNot),
  LOGISTIC: unary(ops.sigmoid),
  NEG: unary(ops.neg),
  RELU: unary(ops.relu),
  RELU6: unary(ops.relu6),
  RELU_0_TO_1: unary((x) => ops.clip(x, 0, 1)),
  RELU_N1_TO_1: unary(reluN1To1),
  ROUND: unary(ops.round),
  RSQRT: unary(ops.rsqrt),
  SIGN: unary(ops.sign),
  SIN: unary(ops.sin),
  SQRT: unary(ops.sqrt),
  SQUARE: unary(square),
  TANH: unary(ops.tanh),

  ADD: unlessActivated(sums(activated(ops.add, addOptions)), addOptions),
  SUB: unlessActivated(differences(activated(ops.sub, subOptions)), subOptions),
  MUL: unlessActivated(products(activated(ops.mul, mulOptions)), mulOptions),
  DIV: activated(ops.div, divOptions),
  ADD_N: addN,
  ATAN2: binary(ops.atan2),
  FLOOR_DIV: quotients(binary(floorDiv)),
  FLOOR_MOD: binary(ops.rem),
  MAXIMUM: binary(ops.maximum),
  MINIMUM: binary(ops.minimum),
  POW: binary(ops.pow),
  PRELU: binary(prelu),
  SQUARED_DIFFERENCE: binary((a, b) => square(ops.sub(a, b))),

  EQUAL: binary(ops.equal),
  NOT_EQUAL: binary(ops.notEqual),
  LESS: binary(ops.less),
  LESS_EQUAL: binary(ops.lessEqual),
  GREATER: binary(ops.greater),
  GREATER_EQUAL: binary(ops.greaterEqual),
  LOGICAL_AND: binary(ops.logicalAnd),
  LOGICAL_OR: binary(ops.logicalOr),
  SELECT: select,
  SELECT_V2: select,
};
