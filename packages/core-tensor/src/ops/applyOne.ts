import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";
import type { Primitive } from "./primitive.ts";

/** `apply` for a primitive with a single output: that output. */
export function applyOne<A extends object>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return apply(primitive, inputs, attributes)[0] as Tensor;
}
