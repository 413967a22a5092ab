import { type Tensor, add, matmul, random, relu, tensor } from "@parsimony/core-tensor";
import { classification, type LabelledBatch } from "../../src/train/classification.ts";

/** A net of 3-4-2 in float64 and twelve examples for it. */
export interface TinyNet {
  readonly hidden: { readonly weight: Tensor; readonly bias: Tensor };
  readonly output: { readonly weight: Tensor; readonly bias: Tensor };
}

const dtype = "float64";

export function initTiny(key: random.Key): TinyNet {
  const [a, b] = random.split(key) as [random.Key, random.Key];
  return {
    hidden: { weight: random.normal(a, [3, 4], { dtype }), bias: tensor(new Float64Array(4)) },
    output: { weight: random.normal(b, [4, 2], { dtype }), bias: tensor(new Float64Array(2)) },
  };
}

export const tinyObjective = classification((net: TinyNet, x: Tensor) =>
  add(matmul(relu(add(matmul(x, net.hidden.weight), net.hidden.bias)), net.output.weight), net.output.bias),
);

export function tinyExamples(seed: number): LabelledBatch {
  const inputs = random.normal(random.key(seed), [12, 3], { dtype });
  const rows = inputs.toArray() as number[][];
  return {
    inputs,
    labels: tensor(Int32Array.from(rows, (row) => ((row[0] as number) + (row[1] as number) > 0 ? 1 : 0))),
  };
}

export const tinyData = { train: tinyExamples(1), validation: tinyExamples(2), test: tinyExamples(3) };
