import { transpose } from "../../ops/index.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A value of the model. Images that the model holds with channels last are held with channels first: our ops want that. */
export interface Held {
  readonly tensor: Tensor;
  /** Are the axes [batch, channels, height, width] of an image that the model has as [batch, height, width, channels]? */
  readonly moved: boolean;
}

/** A value with its axes as the model has them. */
export function plain(tensor: Tensor): Held {
  return { tensor, moved: false };
}

/** The tensor with the axes of the model. */
export function ownOrder({ tensor, moved }: Held): Tensor {
  return moved ? transpose(tensor, [0, 2, 3, 1]) : tensor;
}

/** Applies a function that treats all elements alike. */
export function cellwise({ tensor, moved }: Held, fn: (x: Tensor) => Tensor): Held {
  return { tensor: fn(tensor), moved };
}

/** Several values with their axes in one order. */
export function alike(values: readonly Held[]): { readonly tensors: readonly Tensor[]; readonly moved: boolean } {
  const moved = values.every((value) => value.moved);
  return { tensors: values.map((value) => (moved ? value.tensor : ownOrder(value))), moved };
}
