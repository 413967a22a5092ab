import { unifyTypes } from "../../graph/binding.ts";
import { isSymbolicGraph, substituteGraph } from "../../graph/substitute.ts";
import type { ConcreteType } from "../../ops/primitive.ts";
import type { Graph, GraphNode, ValueType } from "../../ops/program.ts";
import { CoreTensorError, DeviceError, GraphError } from "../../tensor/errors.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { carrier } from "./carriers.ts";
import type { Tf, TfTensor } from "./engine.ts";
import type { TfContext } from "./lowering.ts";
import { loweringOf } from "./lowerings/index.ts";
import type { Plan, PlannedStep } from "./plan.ts";
import { scoped } from "./scope.ts";

/**
 * Runs a program node by node with ops of the engine. Dimensions must be numbers. Intermediate values are freed as
 * soon as their last reader ran, inputs that are `owned` likewise; when a node throws, everything is.
 */
export function walk(
  tf: Tf,
  plan: Plan,
  graph: Graph,
  inputs: readonly TfTensor[],
  owned: readonly boolean[],
): TfTensor[] {
  return scoped(tf, () => {
    const values = new Map<string, TfTensor>();
    const borrowed = new Set<string>();
    const read = (name: string): TfTensor => {
      const value = values.get(name) ?? plan.constants.get(name);
      if (value === undefined)
        throw new GraphError(`graph "${graph.name}": the value "${name}" is used before it is made`);
      return value;
    };
    const free = (name: string): void => {
      if (!borrowed.has(name)) values.get(name)?.dispose();
      values.delete(name);
    };
    graph.inputs.forEach((name, i) => {
      values.set(name, inputs[i] as TfTensor);
      if (owned[i] !== true) borrowed.add(name);
      if (plan.unread.has(name)) free(name);
    });
    graph.nodes.forEach((node, at) => {
      const step = plan.steps[at] as PlannedStep;
      const outputs = runNode(tf, graph, node, step, node.inputs.map(read));
      node.outputs.forEach((name, i) => {
        const output = outputs[i];
        if (output !== undefined && output !== null) values.set(name, output);
      });
      step.dead.forEach(free);
    });
    // Results are new handles (of the same data), so that an output may give an input, a constant or another output.
    const results = graph.outputs.map(({ value }) => read(value).clone());
    [...values.keys()].forEach(free);
    return results;
  });
}

function concreteTypes(graph: Graph, names: readonly string[]): ConcreteType[] {
  return names.map((name) => graph.types[name] as ConcreteType);
}

function runNode(
  tf: Tf,
  graph: Graph,
  node: GraphNode,
  step: PlannedStep,
  inputs: readonly TfTensor[],
): readonly (TfTensor | null)[] {
  const types = concreteTypes(graph, node.outputs);
  if (types.length > 0 && types.every(({ shape }) => sizeOf(shape) === 0)) {
    return scoped(tf, () => types.map(({ dtype, shape }) => tf.tensor(emptyArray(dtype), [...shape], carrier(dtype))));
  }
  const lowering = loweringOf(node.op);
  if (lowering === undefined) throw new GraphError(`graph "${graph.name}": unknown op "${node.op}"`);
  const programs = new Map<string, Graph>();
  const context: TfContext = {
    tf,
    inputTypes: concreteTypes(graph, node.inputs),
    types,
    used: step.used,
    scope: (fn) => scoped(tf, fn),
    evaluate(attribute, values, owned) {
      const plan = step.programs.get(attribute) as Plan;
      const program = programs.get(attribute) ?? concreteProgram(node.attributes[attribute] as Graph, values);
      programs.set(attribute, program);
      return walk(tf, plan, program, values, owned);
    },
  };
  try {
    return scoped(tf, () => {
      const outputs = lowering.lower(context, inputs, node.attributes);
      // Every value has a handle of its own, which is freed with it.
      return outputs.map((output, i) =>
        output !== null && (inputs.includes(output) || outputs.indexOf(output) < i) ? output.clone() : output,
      );
    });
  } catch (error) {
    if (error instanceof CoreTensorError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DeviceError(`tfjs: "${node.op}" in the program "${graph.name}" failed in TensorFlow.js: ${message}`, {
      cause: error,
    });
  }
}

function emptyArray(dtype: ConcreteType["dtype"]): Float32Array | Int32Array | Uint8Array {
  const kind = carrier(dtype);
  return kind === "float32" ? new Float32Array(0) : kind === "int32" ? new Int32Array(0) : new Uint8Array(0);
}

/** A program whose dimensions are numbers: symbols take theirs from the values that go in. */
function concreteProgram(graph: Graph, values: readonly TfTensor[]): Graph {
  if (!isSymbolicGraph(graph)) return graph;
  const types = graph.inputs.map(
    (name, i): ValueType => ({
      dtype: (graph.types[name] as ValueType).dtype,
      shape: (values[i] as TfTensor).shape,
    }),
  );
  return substituteGraph(graph, unifyTypes(graph, types));
}
