import { ShapeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { mulDims, sameDim } from "../dimensions.ts";
import { add, mul } from "../elementwise/index.ts";
import { matmul } from "../linalg/index.ts";
import { dimSize, gather, iota, reshape, transpose } from "../movement/index.ts";
import { type Operand, operands } from "../operand.ts";
import { sum } from "../reduce/index.ts";
import { isSymbolicDim } from "../traced.ts";
import { parseEinsum } from "./einsumEquation.ts";

/** A value with one label per axis. */
interface Labelled {
  readonly value: Tensor;
  readonly labels: readonly string[];
}

/** The dimensions of labels, from the values that have them. */
function dimsOf(labels: readonly string[], ...values: readonly Labelled[]): number[] {
  return labels.map((label) => {
    const owner = values.find((value) => value.labels.includes(label)) as Labelled;
    return owner.value.shape[owner.labels.indexOf(label)] as number;
  });
}

function arrange({ value, labels }: Labelled, order: readonly string[]): Tensor {
  return transpose(
    value,
    order.map((label) => labels.indexOf(label)),
  );
}

function sumOver({ value, labels }: Labelled, drop: (label: string) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (drop(label) ? [axis] : []));
  if (axes.length === 0) return { value, labels };
  return { value: sum(value, axes), labels: labels.filter((label) => !drop(label)) };
}

/** A label that stands twice picks the diagonal of its two axes: every (n + 1)-th element of the two as one axis. */
function takeDiagonals(operand: Labelled): Labelled {
  const { value, labels } = operand;
  const again = labels.findIndex((label, axis) => labels.indexOf(label) !== axis);
  if (again < 0) return operand;
  const first = labels.indexOf(labels[again] as string);
  const others = labels.flatMap((_, axis) => (axis === first || axis === again ? [] : [axis]));
  const length = value.shape[first] as number;
  if (!sameDim(length, value.shape[again] as number)) {
    const found = `${length} and ${value.shape[again]}`;
    throw new ShapeError({
      op: "einsum",
      argument: `axes labelled "${labels[again]}"`,
      expected: "equal lengths",
      found,
    });
  }
  const joined = transpose(value, [...others, first, again]);
  const flat = reshape(joined, [...others.map((axis) => value.shape[axis] as number), mulDims(length, length)]);
  const stride = isSymbolicDim(length) ? add(dimSize(value, first), 1) : length + 1;
  const diagonal = gather(flat, mul(iota(length), stride), -1);
  return takeDiagonals({
    value: diagonal,
    labels: [...others.map((axis) => labels[axis] as string), labels[first] as string],
  });
}

/** Drops axes of length 1 whose label is longer elsewhere: what is left of an operand fits without broadcasting. */
function dropRepeated(values: readonly Labelled[]): Labelled[] {
  const dims = new Map<string, number>();
  for (const { value, labels } of values) {
    labels.forEach((label, axis) => {
      const dim = value.shape[axis] as number;
      const known = dims.get(label);
      if (known === undefined || known === 1) dims.set(label, dim);
      else if (dim !== 1 && !sameDim(dim, known)) {
        throw new ShapeError({
          op: "einsum",
          argument: `axes labelled "${label}"`,
          expected: "equal lengths, or 1",
          found: `${known} and ${dim}`,
        });
      }
    });
  }
  return values.map((value) => sumOver(value, (label) => dims.get(label) !== 1 && dimsOf([label], value)[0] === 1));
}

/** The product of two values, summed over the labels that nobody needs afterwards. */
function contract(left: Labelled, right: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = (label: string): boolean => left.labels.includes(label) && right.labels.includes(label);
  const a = sumOver(left, (label) => !needed.has(label) && !shared(label));
  const b = sumOver(right, (label) => !needed.has(label) && !shared(label));
  const batch = a.labels.filter((label) => shared(label) && needed.has(label));
  const inner = a.labels.filter((label) => shared(label) && !needed.has(label));
  const rows = a.labels.filter((label) => !shared(label));
  const columns = b.labels.filter((label) => !shared(label));
  const labels = [...batch, ...rows, ...columns];
  const shape = dimsOf(labels, a, b);
  const batchDims = dimsOf(batch, a);
  if (inner.length === 0) {
    const x = reshape(arrange(a, [...batch, ...rows]), [...batchDims, ...dimsOf(rows, a), ...columns.map(() => 1)]);
    const y = reshape(arrange(b, [...batch, ...columns]), [...batchDims, ...rows.map(() => 1), ...dimsOf(columns, b)]);
    return { value: mul(x, y), labels };
  }
  const size = (group: readonly string[]): number => mulDims(...dimsOf(group, a, b));
  const x = reshape(arrange(a, [...batch, ...rows, ...inner]), [...batchDims, size(rows), size(inner)]);
  const y = reshape(arrange(b, [...batch, ...inner, ...columns]), [...batchDims, size(inner), size(columns)]);
  return { value: reshape(matmul(x, y), shape), labels };
}

/**
 * Einstein's summation: products of tensors summed over labelled axes, as in NumPy. Operands are combined from
 * left to right, with a matrix product wherever a label is summed over.
 *
 * @param equation one letter per axis, terms joined by commas, then `->` and the labels of the output; `...`
 *   stands for any number of axes, which broadcast. Without `->` the output has the letters that occur once, in
 *   alphabetical order. A letter that stands twice in one term picks the diagonal.
 * @throws ArgumentError when the equation cannot be read; ShapeError when lengths under a label differ.
 * @example einsum("bij,bjk->bik", x, y)
 */
export function einsum(equation: string, ...values: readonly Operand[]): Tensor {
  const tensors = operands(...values);
  const { inputs, output } = parseEinsum(
    equation,
    tensors.map(({ rank }) => rank),
  );
  const labelled = tensors.map((value, i) => takeDiagonals({ value, labels: inputs[i] as readonly string[] }));
  const [first, ...rest] = dropRepeated(labelled) as [Labelled, ...Labelled[]];
  const combined = rest.reduce((product, next, i) => {
    const needed = new Set([...output, ...rest.slice(i + 1).flatMap(({ labels }) => labels)]);
    return contract(product, next, needed);
  }, first);
  return arrange(
    sumOver(combined, (label) => !output.includes(label)),
    output,
  );
}
