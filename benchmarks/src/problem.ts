import { type HostTensor, type Tensor, random, tensor, treeLeaves } from "@parsimony/core-tensor";
import { flattenTree, isTensor } from "@parsimony/core-tensor";

/** Training of a model: what every contender is given. */
export interface TrainingProblem<Params> {
  readonly name: string;
  readonly work: string;
  readonly params: Params;
  readonly loss: (params: Params, x: Tensor, y: Tensor) => Tensor;
  /** Batches in order; a contender that needs more starts again from the first. */
  readonly batches: readonly Batch[];
  readonly learningRate: number;
  /**
   * Ends of the names of parameters whose gradient is zero but for rounding. Adam makes steps of full length of it, in
   * directions that differ from engine to engine.
   */
  readonly undetermined?: readonly string[];
}

export interface Batch {
  readonly x: HostTensor;
  readonly y: HostTensor;
}

/** A forward pass: parameters are constants of the program. */
export interface ForwardProblem<Params> {
  readonly name: string;
  readonly work: string;
  readonly params: Params;
  readonly apply: (params: Params, x: Tensor) => Tensor;
  readonly x: HostTensor;
}

/** A tensor of a tree with its path there. */
export interface Named {
  readonly name: string;
  readonly value: HostTensor;
}

/** The tensors of a tree with their paths. */
export function namedLeaves(tree: unknown): Named[] {
  const { leaves, paths } = flattenTree(tree, isTensor);
  return leaves.map((leaf, i) => ({ name: paths[i] as string, value: leaf as HostTensor }));
}

/** The batches one behind the other, along a new axis 0. */
export function stackBatches(batches: readonly Batch[]): Batch {
  return { x: stacked(batches.map(({ x }) => x)), y: stacked(batches.map(({ y }) => y)) };
}

function stacked(values: readonly HostTensor[]): HostTensor {
  const [first] = values as readonly [HostTensor];
  const data =
    first.dtype === "int32" ? new Int32Array(values.length * first.size) : new Float32Array(values.length * first.size);
  values.forEach((value, i) => {
    data.set(value.dataSync() as Float32Array, i * first.size);
  });
  return tensor(data, { shape: [values.length, ...first.shape] });
}

/** Normal inputs and class labels. */
export function classifiedBatches(key: random.Key, count: number, shape: readonly number[], classes: number): Batch[] {
  return (random.split(key, count) as random.Key[]).map((own) => {
    const [a, b] = random.split(own) as [random.Key, random.Key];
    return { x: random.normal(a, shape), y: random.randint(b, [shape[0] as number], { max: classes }) };
  });
}

/** Normal inputs and targets of the same shape. */
export function mappedBatches(key: random.Key, count: number, shape: readonly number[]): Batch[] {
  return (random.split(key, count) as random.Key[]).map((own) => {
    const [a, b] = random.split(own) as [random.Key, random.Key];
    return { x: random.normal(a, shape), y: random.normal(b, shape) };
  });
}

/** Number of parameters of a model. */
export function parameterCount(params: unknown): number {
  return treeLeaves(params).reduce((sum, { size }) => sum + size, 0);
}
