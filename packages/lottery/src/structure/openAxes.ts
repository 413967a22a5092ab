import { type Dim, type Graph, type GraphNode, type ValueType, isNode } from "@parsimony/core-tensor";
import { isElementwise } from "./flows.ts";
import { reshapeBlocks } from "./reshapeAxes.ts";

/** Ops that may move or stretch whole axes, convert elements, or pick one of equals. */
const harmless = new Set("transpose broadcastTo slice reverse quantize dequantize max min any all".split(" "));
/** Ops that mix elements along the last two axes of images. */
const images = new Set(["conv2d", "convTranspose2d", "maxPool2d", "avgPool2d", "resize2d"]);
const alongAxes = new Set(["sum", "mean", "prod"]);
const alongAxis = new Set("softmax logSoftmax sort topK cumsum argMax argMin concat gather gatherElements".split(" "));

/**
 * May what a node computes depend on the length of an axis of unknown length, or on the place along one? A sum over the batch
 * does. For operands that are the same all along such axes.
 */
export function mixesOpenAxes(node: GraphNode, types: Graph["types"]): boolean {
  const shapeOf = (name: string): readonly Dim[] => (types[name] as ValueType).shape;
  const shapes = node.inputs.map(shapeOf);
  const first = shapes[0] ?? [];
  const isOpen = (size: Dim | undefined): boolean => typeof size === "string";
  const outputs = node.outputs.flatMap(shapeOf);
  if (![...shapes.flat(), ...outputs].some(isOpen)) return false;
  if (isElementwise(node.op) || harmless.has(node.op)) return false;
  if (images.has(node.op)) return first.slice(1).some(isOpen);
  if (isNode(node, "matmul")) return isOpen(first.at(-1));
  if (isNode(node, "reshape")) return mergesOpenAxes(first, shapeOf(node.outputs[0] as string));
  if (isNode(node, "pad")) {
    const { before, after } = node.attributes;
    return first.some((size, axis) => isOpen(size) && (before[axis] !== 0 || after[axis] !== 0));
  }
  const { axes = [], axis = 0 } = node.attributes as { readonly axes?: readonly number[]; readonly axis?: number };
  if (alongAxes.has(node.op)) return axes.some((each) => isOpen(first[each]));
  return !alongAxis.has(node.op) || shapes.some((shape) => isOpen(shape[axis]));
}

/** Is an axis of unknown length, of the operand or the result, made of or split into others that have more than one slice? */
function mergesOpenAxes(from: readonly Dim[], to: readonly Dim[]): boolean {
  const blocks = reshapeBlocks(from, to);
  const isLeft = (places: readonly number[]) => (size: Dim, axis: number) => size !== 1 && !places.includes(axis);
  const left = [
    ...from.filter(isLeft(blocks.flatMap(({ inputs }) => inputs))),
    ...to.filter(isLeft(blocks.flatMap(({ outputs }) => outputs))),
  ];
  return left.some((size) => typeof size === "number");
}
