import { DeviceError, TraceError } from "../tensor/errors.ts";
import { type HostTensor, isHostTensor } from "../tensor/host.ts";
import { type Tensor, residence } from "../tensor/tensor.ts";
import type { ConcreteType, Primitive, Tools } from "./primitive.ts";
import type { ValueType } from "./program.ts";
import { type Recorder, isSymbolicDim, isTraced, plainDim, plainShape } from "./traced.ts";

/**
 * Applies a primitive. On host tensors its kernel computes at once; when an input, or a dimension among the
 * attributes, is traced, the innermost recorder takes note of it instead. `tools` are needed by primitives that
 * hold programs only.
 */
export function apply<A extends object>(
  primitive: Primitive<A>,
  inputs: readonly Tensor[],
  attributes: A,
  tools?: Tools,
): Tensor[] {
  let recorder: Recorder | undefined;
  for (const input of inputs) {
    if (isTraced(input) && (recorder === undefined || input.recorder.level > recorder.level)) recorder = input.recorder;
  }
  const plain = plainAttributes(primitive, attributes, (found) => {
    if (recorder === undefined || found.level > recorder.level) recorder = found;
  });
  // A recorder gets the attributes as they came: one that computes further out needs the recorders of the dimensions.
  return recorder === undefined
    ? compute(primitive, inputs, plain, tools)
    : recorder.record(primitive, inputs, attributes, tools);
}

/** Attributes with symbolic dimensions as plain strings; tells of the recorders they belong to. */
export function plainAttributes<A extends object>(
  primitive: Primitive<A>,
  attributes: A,
  found: (recorder: Recorder) => void = () => {},
): A {
  if (primitive.dims === undefined) return attributes;
  const plain: A = { ...attributes };
  const visit = (dim: unknown): void => {
    if (isSymbolicDim(dim)) found(dim.recorder);
  };
  for (const key of primitive.dims) {
    const value: unknown = attributes[key];
    if (Array.isArray(value)) {
      value.forEach(visit);
      plain[key] = plainShape(value) as A[typeof key];
    } else {
      visit(value);
      plain[key] = plainDim(value) as A[typeof key];
    }
  }
  return plain;
}

function compute<A extends object>(
  primitive: Primitive<A>,
  inputs: readonly Tensor[],
  attributes: A,
  tools?: Tools,
): Tensor[] {
  const types = primitive.infer(inputs.map(typeOf), attributes) as readonly ConcreteType[];
  for (const type of types) {
    const symbolic = type.shape.find((dim) => typeof dim !== "number");
    if (symbolic !== undefined) {
      throw new TraceError(
        `${primitive.name}: the dimension "${symbolic}" is symbolic, but no traced value is at hand to give it a number`,
      );
    }
  }
  return [
    ...primitive.kernel(
      inputs.map((input) => hostInput(primitive.name, input)),
      attributes,
      types,
      tools ?? noTools,
    ),
  ];
}

function hostInput(op: string, input: Tensor): HostTensor {
  if (isHostTensor(input)) return input;
  throw new DeviceError(
    `${op}: a tensor that is on a ${residence(input)} cannot be computed with eagerly; use jit with its backend, or await toHost(tensor)`,
  );
}

/** The type of a tensor, dimensions as plain data. */
export function typeOf(tensor: Tensor): ValueType {
  return { dtype: tensor.dtype, shape: isTraced(tensor) ? plainShape(tensor.shape) : tensor.shape };
}

const refuse = (): never => {
  throw new TraceError("this primitive holds a program: call it through scan or customVjp");
};
const noTools: Tools = { evaluate: refuse, capture: refuse, vjp: refuse };
