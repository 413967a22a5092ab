import fc from "fast-check";
import { tools } from "../../graph/tools.ts";
import { apply } from "../../ops/apply.ts";
import { derivatives } from "../../ops/derivatives/index.ts";
import { add, mul } from "../../ops/index.ts";
import { primitives } from "../../ops/primitives.ts";
import type { Derivative, Primitive } from "../../ops/primitive.ts";
import type { OpName } from "../../ops/vocabulary.ts";
import { isFloat } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { OpCase, OpCases } from "../cases/case.ts";
import { opCases, opNames } from "../cases/index.ts";
import { allClose } from "../close.ts";
import { seedFor } from "../conformance/search.ts";
import { showTensor } from "../conformance/show.ts";
import {
  type FlatFunction,
  type GradientVerdict,
  assertGradient,
  compareWithDifferences,
  pullback,
  weightsFor,
} from "./checkGradient.ts";

export interface GradientLawOptions {
  /** Default: all. */
  readonly ops?: readonly OpName[];
  /** Random points per op. Default 10. */
  readonly runs?: number;
  readonly seed?: number;
  /**
   * Derivatives to check instead of the vocabulary's own: the law must find out wrong ones. Keys are names of ops,
   * values functions that take the place of the op.
   */
  readonly replace?: Readonly<
    Partial<Record<OpName, (inputs: readonly Tensor[], attributes: object) => readonly Tensor[]>>
  >;
}

/** What holds for the derivative of one op. */
export interface OpGradientVerdict extends GradientVerdict {
  readonly op: OpName;
  /** Points at which it was tried; 0 for ops without float inputs. */
  readonly points: number;
}

/** One law at one point. */
type Law = (fn: FlatFunction, inputs: readonly HostTensor[]) => GradientVerdict;

const fine: GradientVerdict = { holds: true, message: "" };

/** The pullback is what central differences give. */
const first: Law = (fn, inputs) => compareWithDifferences(fn, inputs);

/** So is the pullback of the pullback: nested derivatives. */
const second: Law = (fn, inputs) => {
  const cotangents = fn(...inputs).map(weightsFor);
  const floats = inputs.flatMap((input, at) => (isFloat(input.dtype) ? [at] : []));
  const gradient: FlatFunction = (...values) =>
    pullback(fn, values, cotangents).filter((_, at) => floats.includes(at)) as Tensor[];
  const verdict = compareWithDifferences(gradient, inputs, { rtol: 1e-5 });
  return verdict.holds ? verdict : { holds: false, message: `second derivative: ${verdict.message}` };
};

/** Pulling a combination back is the combination of what is pulled back. */
const linear: Law = (fn, inputs) => {
  const outputs = fn(...inputs);
  const u = outputs.map(weightsFor);
  const v = outputs.map((output, i) => weightsFor(output, i + 7));
  const combined = u.map((own, i) => (isFloat(own.dtype) ? add(mul(own, 2), mul(v[i] as Tensor, -3)) : own));
  const [pu, pv, both] = [u, v, combined].map((seeds) => pullback(fn, inputs, seeds)) as [
    HostTensor[],
    HostTensor[],
    HostTensor[],
  ];
  for (const [at, input] of inputs.entries()) {
    if (!isFloat(input.dtype)) continue;
    const wanted = add(mul(pu[at] as Tensor, 2), mul(pv[at] as Tensor, -3));
    const verdict = allClose(both[at], wanted, { rtol: 1e-9, atol: 1e-9 });
    if (!verdict.close) return { holds: false, message: `the pullback is not linear, input ${at}: ${verdict.message}` };
  }
  return fine;
};

/** Nothing flows back through steps. */
const zero: Law = (fn, inputs) => {
  const pulled = pullback(fn, inputs, fn(...inputs).map(weightsFor));
  const at = pulled.findIndex(
    (gradient) => gradient !== undefined && (gradient.dataSync() as Float64Array).some((x) => x !== 0),
  );
  return at < 0 ? fine : { holds: false, message: `something flows back to input ${at} of an op without a derivative` };
};

/**
 * The laws of derivatives, for every op on smooth points of its cases, in float64: the pullback agrees with central
 * differences, the pullback's own pullback too, it is linear in the cotangent, and through ops that are marked as having
 * no derivative nothing flows.
 */
export function gradientLaws(options: GradientLawOptions = {}): OpGradientVerdict[] {
  const { ops = opNames, runs = 10, seed = 0, replace = {} } = options;
  return ops.map((op) => {
    const cases = opCases[op] as OpCases<object>;
    if (cases.smooth === null) return { op, points: 0, holds: true, message: "no float inputs" };
    const own = replace[op];
    const laws =
      (derivatives[op] as Derivative<never>) === "none" && own === undefined ? [zero] : [first, second, linear];
    const points = fc.sample(cases.smooth, { numRuns: runs, seed: seedFor(seed, op) });
    for (const point of points) {
      const verdict = lawsAt(laws, own ?? ((inputs, attributes) => applyOp(op, inputs, attributes)), point);
      if (!verdict.holds)
        return { op, points: points.length, holds: false, message: `${op}: ${verdict.message}\n${describe(point)}` };
    }
    return { op, points: points.length, holds: true, message: `${laws.length} laws at ${points.length} points` };
  });
}

/** Throws a GradientError that lists every op whose derivative breaks a law. */
export function assertGradientLaws(verdicts: readonly OpGradientVerdict[]): void {
  const broken = verdicts.filter(({ holds }) => !holds);
  assertGradient({ holds: broken.length === 0, message: broken.map(({ message }) => message).join("\n") });
}

function lawsAt(
  laws: readonly Law[],
  op: (inputs: readonly Tensor[], attributes: object) => readonly Tensor[],
  point: OpCase<object>,
): GradientVerdict {
  for (const law of laws) {
    const verdict = law((...inputs) => op(inputs, point.attributes), point.inputs);
    if (!verdict.holds) return verdict;
  }
  return fine;
}

function applyOp(op: OpName, inputs: readonly Tensor[], attributes: object): readonly Tensor[] {
  return apply(primitives[op] as Primitive<object>, inputs, attributes, tools);
}

function describe({ label, inputs, attributes }: OpCase<object>): string {
  const plain = Object.entries(attributes).filter(([, value]) => typeof value !== "object" || Array.isArray(value));
  return [
    `  ${label} ${JSON.stringify(Object.fromEntries(plain))}`,
    ...inputs.map((input) => `  ${showTensor(input)}`),
  ].join("\n");
}
