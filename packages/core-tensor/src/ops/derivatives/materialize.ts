import type { Tensor } from "../../tensor/tensor.ts";
import { fullLike } from "../movement/index.ts";

/** A cotangent that may be zero (`null`) as a tensor of the shape of `like`. */
export function materialize(cotangent: Tensor | null, like: Tensor): Tensor {
  return cotangent ?? fullLike(like, 0);
}
