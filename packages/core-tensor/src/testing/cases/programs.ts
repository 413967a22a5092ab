import fc from "fast-check";
import { customVjp } from "../../graph/customVjp.ts";
import { interpret } from "../../graph/interpret.ts";
import { scan } from "../../graph/scan.ts";
import { trace } from "../../graph/trace.ts";
import { add, matmul, maximum, mul, neg, sin, sub, tanh } from "../../ops/index.ts";
import type { Attributes, GraphNode } from "../../ops/program.ts";
import type { OpAttributes } from "../../ops/vocabulary.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { fromLanes } from "../../tensor/lanes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { tensorOf } from "../arbitraries/tensors.ts";
import { type OpCase, type OpCases, type OpCaseTable, floatDTypes } from "./case.ts";

/** The node with this op in the program of a function, and the values that reach it. */
function onlyNode<A>(op: string, fn: (...inputs: Tensor[]) => unknown, inputs: readonly HostTensor[]): OpCase<A> {
  const graph = trace(fn, ...inputs);
  const node = graph.nodes.find((candidate) => candidate.op === op) as GraphNode;
  const reached = new Map<string, HostTensor>();
  const given = Object.fromEntries(graph.inputs.map((name, i) => [name, inputs[i] as HostTensor]));
  interpret(graph, given, { onValue: (name, value) => reached.set(name, value as HostTensor) });
  const values = node.inputs.map((name) => reached.get(name) as HostTensor);
  const attributes: Attributes = node.attributes;
  return { label: `${inputs[0]?.dtype}`, inputs: values, attributes: attributes as A };
}

type ScanCase = OpCase<OpAttributes["scan"]>;
type Fn = (...inputs: Tensor[]) => unknown;

/** Loops as functions of (carry [n], xs [steps, n], weight [n, n]). */
const loops: Readonly<Record<string, (reverse: boolean, steps: number) => Fn>> = {
  "running sum": (reverse) => (c, xs) =>
    scan((total: Tensor, x: Tensor) => [add(total, x), total], c as Tensor, xs as Tensor, { reverse }),
  "recurrent network": (reverse) => (c, xs, w) =>
    scan(
      (h: Tensor, x: Tensor) => {
        const next = tanh(add(matmul(h, w as Tensor), x));
        return [next, { h: next, x: neg(x) }];
      },
      c as Tensor,
      xs as Tensor,
      { reverse },
    ),
  "two carries that change places": (reverse) => (c, xs) =>
    scan(
      ([a, b]: readonly Tensor[], x: Tensor) => [[b as Tensor, maximum(a as Tensor, x)], []],
      [c as Tensor, neg(c as Tensor)],
      xs as Tensor,
      { reverse },
    ),
  "nothing scanned": (reverse, steps) => (c) =>
    scan((v: Tensor) => [mul(v, 0.5), v], c as Tensor, null, { length: steps, reverse }),
  "a carry that stays and a result that is a slice": (reverse) => (c, xs) =>
    scan((v: Tensor, x: Tensor) => [v, x], c as Tensor, xs as Tensor, { reverse }),
};

/** Steps inside a loop inside a loop: xs [steps, n] is walked once per step. */
const nested: Fn = (c, xs) =>
  scan(
    (outer: Tensor, x: Tensor) => [
      scan((inner: Tensor, y: Tensor) => [add(mul(inner, 0.5), y), []], add(outer, x), xs as Tensor)[0],
      [],
    ],
    c as Tensor,
    xs as Tensor,
  )[0];

function scanInputs(dtype: DType, steps: number, n: number): fc.Arbitrary<[HostTensor, HostTensor, HostTensor]> {
  const range = { min: -1, max: 1 };
  return fc.tuple(tensorOf(dtype, [n], range), tensorOf(dtype, [steps, n], range), tensorOf(dtype, [n, n], range));
}

function scanCase(dtype: DType, maxSteps: number): fc.Arbitrary<ScanCase> {
  return fc
    .tuple(
      fc.constantFrom(...Object.keys(loops)),
      fc.boolean(),
      fc.integer({ min: 0, max: maxSteps }),
      fc.integer({ min: 1, max: 3 }),
    )
    .chain(([name, reverse, steps, n]) =>
      scanInputs(dtype, steps, n).map((inputs) => {
        const fn = (loops[name] as (typeof loops)[string])(reverse, steps);
        return {
          ...onlyNode<OpAttributes["scan"]>("scan", fn, inputs),
          label: `${name}, ${dtype}${reverse ? ", backwards" : ""}`,
        };
      }),
    );
}

const ramp = (shape: readonly number[], size: number): HostTensor =>
  fromLanes(
    "float32",
    shape,
    Array.from({ length: size }, (_, i) => (i - 2) / 4),
  );

/** Points where the two carries' maximum has no tie. */
const isSmooth = ({ label }: ScanCase): boolean => !label.startsWith("two carries");

const scanCases: OpCases<OpAttributes["scan"]> = {
  dtypes: floatDTypes,
  examples: [
    { ...onlyNode<OpAttributes["scan"]>("scan", nested, [ramp([2], 2), ramp([3, 2], 6)]), label: "a loop in a loop" },
    {
      ...onlyNode<OpAttributes["scan"]>("scan", (loops["running sum"] as (typeof loops)[string])(false, 0), [
        ramp([2], 2),
        ramp([0, 2], 0),
      ]),
      label: "no steps",
    },
  ],
  arbitrary: (dtype) => scanCase(dtype, 4),
  smooth: scanCase("float64", 3).filter(isSmooth),
};

type VjpCase = OpCase<OpAttributes["customVjp"]>;

/** The true derivative written by hand, so that differences agree with it. */
const sine = customVjp((x: Tensor) => sin(x), {
  forward: (x) => [sin(x), x],
  backward: (x: Tensor, g) => [mul(g, sin(add(x, Math.PI / 2)))],
});
const bilinear = customVjp((a: Tensor, b: Tensor) => [mul(a, b), sub(a, b)] as const, {
  forward: (a, b) =>
    [
      [mul(a, b), sub(a, b)],
      [a, b],
    ] as const,
  backward: ([a, b]: readonly [Tensor, Tensor], [p, d]) => [add(mul(p, b), d), sub(mul(p, a), d)],
});

function vjpCase(dtype: DType): fc.Arbitrary<VjpCase> {
  const one = tensorOf(dtype, [3]).map((x) => onlyNode<OpAttributes["customVjp"]>("customVjp", sine as Fn, [x]));
  const two = fc
    .tuple(tensorOf(dtype, [2]), tensorOf(dtype, [2]))
    .map((inputs) => onlyNode<OpAttributes["customVjp"]>("customVjp", bilinear as Fn, inputs));
  return fc.oneof(one, two);
}

/** Cases of the ops that hold programs. */
export const programCases: OpCaseTable<Pick<OpAttributes, "scan" | "customVjp">> = {
  scan: scanCases,
  customVjp: { dtypes: floatDTypes, examples: [], arbitrary: vjpCase, smooth: vjpCase("float64") },
};
