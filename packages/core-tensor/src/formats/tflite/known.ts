import { type Dim, addDims, divideDims, mulDims, subDims } from "../../tensor/dims.ts";
import { HostTensor, isHostTensor } from "../../tensor/host.ts";
import { TraceError } from "../../tensor/errors.ts";
import { fileOrder, reorder } from "./layout.ts";
import { OperatorNode, type OperatorReader, type OperatorRow } from "./node.ts";
import { type KnownNumbers, type Program, Value } from "./value.ts";

/**
 * Shapes that models compute from the shapes of their inputs. With a symbolic batch these are numbers and symbols, so
 * they are followed here while the file is read instead of becoming part of the program.
 */

/** Beyond these the numbers are left to the program: small files must not make reading long. */
const MAX_NUMBERS = 1024;
const MAX_EXPRESSION = 256;

/** Ops on host tensors compute at once: there is no program. */
const eager: Program = {
  constant: (value) => value,
  dimension: (expression) => {
    throw new TraceError(`the dimension "${expression}" has no number yet`);
  },
  reserve: () => {},
};

/**
 * Lets an operator that only moves elements also move known numbers: it is run on the places of the numbers in a list.
 *
 * @param isData which inputs are moved; the others tell the operator where to.
 */
export function moves(read: OperatorReader, isData: (input: number) => boolean = (input) => input === 0): OperatorRow {
  const known = (node: OperatorNode): KnownNumbers[] | undefined => {
    const list: Dim[] = [];
    const places: (Value | undefined)[] = [];
    for (const [input, value] of node.inputs.entries()) {
      const numbers = value?.known;
      if (value !== undefined && numbers === undefined) return undefined;
      if (value === undefined || numbers === undefined || !isData(input)) {
        places.push(value === undefined ? undefined : new Value(eager, value.name, value.dtype, undefined, value.held));
        continue;
      }
      const first = list.length;
      list.push(...numbers.elements);
      if (list.length > MAX_NUMBERS) return undefined;
      const tensor = new HostTensor(
        "int32",
        numbers.shape,
        Int32Array.from(numbers.elements, (_, i) => first + i),
      );
      places.push(new Value(eager, value.name, "int32", undefined, { tensor, axes: fileOrder(tensor.rank) }));
    }
    const outputs = node.outputs.map(() => ({ dtype: "int32" as const, quantization: undefined }));
    const moved = read(new OperatorNode(node.info, places, outputs, eager));
    return moved.map((held) => {
      const tensor = reorder(held, fileOrder(held.axes.length));
      if (!isHostTensor(tensor)) throw new TraceError(`${node.label}: expected places of known numbers`);
      const elements = Array.from(tensor.dataSync() as ArrayLike<number>, (place) => list[place] as Dim);
      return { shape: tensor.shape, elements };
    });
  };
  return { read, known };
}

/** Lets an operator on two inputs also compute with known numbers, where the result is a number or a short expression. */
export function calculates(read: OperatorReader, calculate: (a: Dim, b: Dim) => Dim | undefined): OperatorRow {
  const known = (node: OperatorNode): KnownNumbers[] | undefined => {
    const [a, b] = [node.value(0).known, node.value(1).known];
    if (a === undefined || b === undefined) return undefined;
    const [longer, shorter] = a.elements.length >= b.elements.length ? [a, b] : [b, a];
    const fits = shorter.elements.length === 1 || shorter.elements.length === longer.elements.length;
    if (!fits || a.shape.length > 1 || b.shape.length > 1 || longer.elements.length > MAX_NUMBERS) return undefined;
    const at = (numbers: KnownNumbers, i: number): Dim =>
      numbers.elements[numbers.elements.length === 1 ? 0 : i] as Dim;
    const elements = longer.elements.map((_, i) => calculate(at(a, i), at(b, i)));
    const shape = a.shape.length > b.shape.length ? a.shape : b.shape.length > a.shape.length ? b.shape : longer.shape;
    return elements.every(isShort) ? [{ shape, elements }] : undefined;
  };
  return { read, known };
}

function isShort(dim: Dim | undefined): dim is Dim {
  return typeof dim === "string" ? dim.length <= MAX_EXPRESSION : dim !== undefined && Math.abs(dim) < 2 ** 31;
}

const quotient = (a: Dim, b: Dim): Dim | undefined => {
  if (b === 0) return undefined;
  return typeof a === "number" && typeof b === "number" ? Math.floor(a / b) : divideDims(a, b);
};

export const sums = (read: OperatorReader): OperatorRow => calculates(read, addDims);
export const differences = (read: OperatorReader): OperatorRow => calculates(read, subDims);
export const products = (read: OperatorReader): OperatorRow => calculates(read, mulDims);
/** Rounded down. */
export const quotients = (read: OperatorReader): OperatorRow => calculates(read, quotient);

/** The product of known numbers, all of them. */
export function wholeProduct(read: OperatorReader, keepDims: (node: OperatorNode) => boolean): OperatorRow {
  const known = (node: OperatorNode): KnownNumbers[] | undefined => {
    const numbers = node.value(0).known;
    if (numbers === undefined || numbers.shape.length !== 1 || node.value(1).known === undefined) return undefined;
    if (node.axes(1, 1).length !== 1) return undefined;
    let product: Dim | undefined = 1;
    for (const element of numbers.elements) {
      product = mulDims(product, element);
      if (!isShort(product)) return undefined;
    }
    return [{ shape: keepDims(node) ? [1] : [], elements: [product] }];
  };
  return { read, known };
}
