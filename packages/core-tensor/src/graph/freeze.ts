import { typeOf } from "../ops/apply.ts";
import type { Graph, ValueType } from "../ops/program.ts";
import { type TensorLike, tensor } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { type HostTensor, isHostTensor } from "../tensor/host.ts";
import { formatShape } from "../tensor/shape.ts";
import { isTensor } from "../tensor/tensor.ts";

/**
 * The program with some of its inputs fixed: they become constants of the same name, and the program has fewer inputs.
 * Unlike values that a traced function merely uses, frozen ones stay as they are stored (8-bit weights remain 8-bit
 * weights before their `dequantize`).
 *
 * @throws ArgumentError for a name that is no input; DTypeError or ShapeError for a value of another type.
 * @example writeOnnx(freeze(graph, { weight }))
 */
export function freeze(graph: Graph, values: Readonly<Record<string, TensorLike>>): Graph {
  const constants: Record<string, HostTensor> = { ...graph.constants };
  for (const [name, given] of Object.entries(values)) {
    const argument = `input "${name}"`;
    const type = graph.types[name] as ValueType;
    if (!graph.inputs.includes(name)) {
      throw new ArgumentError({
        op: "freeze",
        argument,
        expected: `one of ${graph.inputs.join(", ")}`,
        found: "no input",
      });
    }
    const value = isTensor(given) ? given : tensor(given, { dtype: type.dtype });
    if (!isHostTensor(value)) {
      throw new ArgumentError({ op: "freeze", argument, expected: "a host tensor (await toHost)", found: "another" });
    }
    const { dtype, shape } = typeOf(value);
    if (dtype !== type.dtype) throw new DTypeError({ op: "freeze", argument, expected: type.dtype, found: dtype });
    if (formatShape(shape) !== formatShape(type.shape)) {
      throw new ShapeError({ op: "freeze", argument, expected: formatShape(type.shape), found: formatShape(shape) });
    }
    constants[name] = value;
  }
  return { ...graph, constants, inputs: graph.inputs.filter((name) => !Object.hasOwn(values, name)) };
}
