import { type Attributes, type Graph, GraphBuilder, HostTensor, type OpName, slice } from "@parsimony/core-tensor";
import { type OpCase, opCases } from "@parsimony/core-tensor/testing";
import fc from "fast-check";

/** A program of one op, and what goes in. */
export interface OpGraph {
  readonly op: string;
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, HostTensor>>;
}

const images: ReadonlySet<string> = new Set(["conv2d", "convTranspose2d", "maxPool2d", "avgPool2d", "resize2d"]);
/** Inputs that belong to axes of the first one, and so get no batch. */
const parameters: ReadonlySet<string> = new Set(["gather", "quantize", "dequantize"]);

const dense = (value: HostTensor, shape: readonly number[]): HostTensor => {
  const data = value.dataSync();
  return new HostTensor(value.dtype, shape, data as Float32Array);
};

function batched(op: string, inputs: readonly HostTensor[]): readonly HostTensor[] {
  const [first, ...rest] = inputs;
  if (first === undefined || first.dtype === "float16" || first.dtype === "bfloat16") return inputs;
  if (images.has(op)) {
    const one = slice(first, [0], [1]) as HostTensor;
    return [dense(one, one.shape), ...rest];
  }
  const more = parameters.has(op) ? rest : rest.map((value) => dense(value, [1, ...value.shape]));
  return [dense(first, [1, ...first.shape]), ...more];
}

function shifted(op: string, attributes: Attributes): Attributes {
  if (images.has(op)) return attributes;
  const next: Record<string, unknown> = { ...attributes };
  const plus = (axis: unknown): number => (axis as number) + 1;
  const list = (key: string): readonly unknown[] => next[key] as readonly unknown[];
  if (typeof next["axis"] === "number") next["axis"] = plus(next["axis"]);
  if (next["axes"] !== undefined) next["axes"] = list("axes").map(plus);
  if (next["permutation"] !== undefined) next["permutation"] = [0, ...list("permutation").map(plus)];
  if (next["shape"] !== undefined) next["shape"] = [1, ...list("shape")];
  if (next["starts"] !== undefined) {
    next["starts"] = [0, ...list("starts")];
    next["ends"] = [1, ...list("ends")];
    next["steps"] = [1, ...list("steps")];
  }
  if (next["before"] !== undefined) {
    next["before"] = [0, ...list("before")];
    next["after"] = [0, ...list("after")];
  }
  return next as Attributes;
}

/** The programs of a case, with a batch of 1: one for each choice of inputs that are constants. */
function graphsOf(op: OpName, given: OpCase<object>): OpGraph[] {
  const inputs = batched(op, given.inputs);
  const attributes = shifted(op, given.attributes as Attributes);
  const graphs: OpGraph[] = [];
  for (let constants = 0; constants < 2 ** inputs.length - 1; constants++) {
    const builder = new GraphBuilder(op);
    const known: Record<string, HostTensor> = {};
    try {
      const names = inputs.map((value, i) => {
        if ((constants >> i) % 2 === 1) return builder.constant(value);
        known[`x${i}`] = value;
        return builder.input(`x${i}`, { dtype: value.dtype, shape: value.shape });
      });
      const [output] = builder.addNode(op, names, attributes) as [string];
      builder.output("y", output);
      graphs.push({ op, graph: builder.build(), inputs: known });
    } catch {
      // The batch does not fit this op (its attributes speak of all axes in another way).
    }
  }
  return graphs;
}

/** Programs of one op each, over float32: the examples and some random cases. */
export function opGraphs(op: OpName, samples: number, seed: number): OpGraph[] {
  const cases = opCases[op] as {
    examples: readonly OpCase<object>[];
    arbitrary(dtype: string): fc.Arbitrary<OpCase<object>>;
    dtypes: readonly string[];
  };
  if (!cases.dtypes.includes("float32")) return [];
  const random = fc.sample(cases.arbitrary("float32"), { numRuns: samples, seed });
  const isFloat = ({ inputs }: OpCase<object>): boolean => inputs[0]?.dtype === "float32";
  return [...cases.examples, ...random].filter(isFloat).flatMap((given) => graphsOf(op, given));
}
