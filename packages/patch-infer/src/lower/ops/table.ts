import type { GraphNode, NodeOf, OpName } from "@parsimony/core-tensor";
import { type Lowering, refuse } from "../lowering.ts";
import { binary } from "./binary.ts";
import { bound } from "./bounds.ts";
import { broadcastTo } from "./broadcast.ts";
import { dequantize, quantize } from "./codes.ts";
import { concat } from "./concat.ts";
import { conv2d, convTranspose2d } from "./convolution.ts";
import { matmul } from "./matmul.ts";
import { pad } from "./pad.ts";
import { gather, reverse } from "./pick.ts";
import { avgPool2d, maxPool2d } from "./pooling.ts";
import { minimumAlong, reduction } from "./reduction.ts";
import { reshape, same, transpose } from "./reshape.ts";
import { resize2d } from "./resize.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { applied, chain, clampTo, numbered, unary } from "./unary.ts";

type Handler<Name extends OpName> = (node: NodeOf<Name> & GraphNode, at: Lowering) => void;

/** x^number, for the numbers that layers know. */
function power(node: GraphNode, at: Lowering): void {
  const exponent = at.constant(node.inputs[1] as string)?.value;
  const number = exponent?.size === 1 ? Number(exponent.dataSync()[0]) : undefined;
  const [x] = node.inputs as [string];
  const rest = { ...node, inputs: [x] };
  const [output] = node.outputs as [string];
  if (number === 1) same(rest, at);
  else if (number === 2) unary("square")(rest, at);
  else if (number === 0.5) unary("sqrt")(rest, at);
  else if (number === -1) numbered("rdiv", 1)(at.value(x), at, output);
  else if (number === 3) {
    unary("square")({ ...rest, outputs: [`${output}:square`] }, at);
    binary("mul")({ ...rest, inputs: [x, `${output}:square`] }, at);
  } else refuse("has an exponent other than -1, 0.5, 1, 2 and 3");
}

/** How each op becomes layers; `null` where no layers do what it does. */
export const handlers: { readonly [Name in OpName]: Handler<Name> | null } = {
  neg: unary("neg"),
  abs: unary("abs"),
  sign: null,
  exp: unary("exp"),
  expm1: chain(applied("exp"), numbered("add", -1)),
  log: unary("log"),
  log1p: chain(numbered("add", 1), applied("log")),
  sqrt: unary("sqrt"),
  rsqrt: chain(applied("sqrt"), numbered("rdiv", 1)),
  reciprocal: (node, at) => numbered("rdiv", 1)(at.value(node.inputs[0] as string), at, node.outputs[0] as string),
  sin: null,
  cos: null,
  tan: null,
  asin: null,
  acos: null,
  atan: null,
  sinh: null,
  cosh: null,
  tanh: unary("tanh"),
  asinh: null,
  acosh: null,
  atanh: null,
  sigmoid: unary("sigmoid"),
  relu: clampTo({ min: 0, max: Infinity }),
  softplus: unary("softplus"),
  erf: null,
  erfInv: null,
  lgamma: null,
  polygamma: null,
  floor: unary("floor"),
  ceil: chain(applied("neg"), applied("floor"), applied("neg")),
  round: null,
  isNan: null,
  isInf: null,
  logicalNot: null,
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  pow: power,
  rem: null,
  atan2: null,
  minimum: bound("minimum"),
  maximum: bound("maximum"),
  equal: null,
  notEqual: null,
  less: null,
  lessEqual: null,
  greater: null,
  greaterEqual: null,
  logicalAnd: null,
  logicalOr: null,
  logicalXor: null,
  where: null,
  sum: reduction("sum"),
  mean: reduction("mean"),
  prod: null,
  max: reduction("max"),
  min: minimumAlong,
  any: null,
  all: null,
  argMax: null,
  argMin: null,
  topK: null,
  sort: null,
  cumsum: null,
  softmax,
  logSoftmax: null,
  matmul,
  conv2d,
  convTranspose2d,
  conv2dWeightGrad: null,
  maxPool2d,
  avgPool2d,
  resize2d,
  reshape,
  transpose,
  broadcastTo,
  concat,
  slice,
  pad,
  reverse,
  gather,
  gatherElements: null,
  scatterAdd: null,
  scatterAddElements: null,
  iota: null,
  dimValue: null,
  oneHot: null,
  cast: (node, at) => {
    const [x] = node.inputs as [string];
    if (node.attributes.dtype !== at.dtype(x)) refuse(`makes ${node.attributes.dtype} of ${at.dtype(x)}`);
    same(node, at);
  },
  quantize,
  dequantize,
  scan: null,
  customVjp: null,
  stopGradient: same,
};
