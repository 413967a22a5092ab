import { type Dim, evaluateDim } from "../../tensor/dims.ts";
import { dtypes, storageLength } from "../../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../../tensor/errors.ts";
import { HostTensor, denseStorage } from "../../tensor/host.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { ConcreteType, Primitive, PrimitiveTable } from "../primitive.ts";
import type { Graph, ValueType } from "../program.ts";
import type { CustomVjpAttributes, OpAttributes, ScanAttributes } from "../vocabulary.ts";

function inputTypes(graph: Graph): ValueType[] {
  return graph.inputs.map((name) => graph.types[name] as ValueType);
}

function outputTypes(graph: Graph): ValueType[] {
  return graph.outputs.map(({ value }) => graph.types[value] as ValueType);
}

function checkType(op: string, argument: string, expected: ValueType, found: ValueType): void {
  if (found.dtype !== expected.dtype)
    throw new DTypeError({ op, argument, expected: expected.dtype, found: found.dtype });
  if (formatShape(found.shape) !== formatShape(expected.shape)) {
    throw new ShapeError({ op, argument, expected: formatShape(expected.shape), found: formatShape(found.shape) });
  }
}

/** Slices of sub-byte integers do not begin at bytes. */
function refusePacked(argument: string, { dtype }: ValueType): void {
  if (!dtypes[dtype].packed) return;
  throw new DTypeError({ op: "scan", argument, expected: "a dtype of whole bytes (use cast)", found: dtype });
}

/** The slice of a scanned value that one step sees: a view without a copy. */
function sliceAt(value: HostTensor, step: number): HostTensor {
  return new HostTensor(value.dtype, value.shape.slice(1), value.storage, {
    strides: value.strides.slice(1),
    offset: value.offset + step * (value.strides[0] as number),
  });
}

const scan: Primitive<ScanAttributes> = {
  name: "scan",
  dims: ["length"],
  infer(inputs, { body, carries, scanned, length }) {
    const expected = inputTypes(body);
    if (inputs.length !== expected.length) {
      throw new ShapeError({
        op: "scan",
        argument: "inputs",
        expected: `${expected.length} values`,
        found: String(inputs.length),
      });
    }
    inputs.forEach((input, i) => {
      const type = expected[i] as ValueType;
      const isScanned = i >= carries && i < carries + scanned;
      const kind =
        i < carries ? `carry ${i}` : isScanned ? `scanned input ${i - carries}` : `constant ${i - carries - scanned}`;
      if (isScanned) refusePacked(kind, type);
      checkType("scan", kind, isScanned ? { dtype: type.dtype, shape: [length, ...type.shape] } : type, input);
    });
    const results = outputTypes(body);
    results
      .slice(0, carries)
      .forEach((type, i) => checkType("scan", `carry ${i} after a step`, expected[i] as ValueType, type));
    results.slice(carries).forEach((type, i) => refusePacked(`result ${i}`, type));
    return results.map((type, i) => (i < carries ? type : { dtype: type.dtype, shape: [length, ...type.shape] }));
  },
  kernel(inputs, { body, carries, scanned, length, reverse }, types, tools) {
    const steps = evaluateDim(length as Dim, {});
    const xs = inputs.slice(carries, carries + scanned);
    const constants = inputs.slice(carries + scanned);
    let carry = inputs.slice(0, carries);
    const stacks = types
      .slice(carries)
      .map(({ dtype, shape }) => new dtypes[dtype].storage(storageLength(dtype, sizeOf(shape))));
    for (let i = 0; i < steps; i++) {
      const step = reverse ? steps - 1 - i : i;
      const outputs = tools.evaluate(body, [
        ...carry,
        ...xs.map((x) => sliceAt(x, step)),
        ...constants,
      ]) as HostTensor[];
      carry = outputs.slice(0, carries);
      outputs.slice(carries).forEach((result, r) => {
        const slice = denseStorage(result);
        (stacks[r] as Float64Array).set(slice as Float64Array, step * slice.length);
      });
    }
    return [
      ...carry,
      ...stacks.map(
        (stack, r) =>
          new HostTensor((types[carries + r] as ConcreteType).dtype, (types[carries + r] as ConcreteType).shape, stack),
      ),
    ];
  },
};

const customVjp: Primitive<CustomVjpAttributes> = {
  name: "customVjp",
  infer(inputs, { primal }) {
    inputTypes(primal).forEach((type, i) => checkType("customVjp", `argument ${i}`, type, inputs[i] as ValueType));
    return outputTypes(primal);
  },
  kernel: (inputs, { primal }, _types, tools) => tools.evaluate(primal, inputs) as HostTensor[],
};

/** The primitives that hold programs. */
export const programPrimitives: PrimitiveTable<Pick<OpAttributes, "scan" | "customVjp">> = { scan, customVjp };
