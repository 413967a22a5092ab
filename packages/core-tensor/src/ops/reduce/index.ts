export { type ReduceOps, reducePrimitives } from "./primitives.ts";
export { type ReduceOptions, all, any, max, mean, min, prod, sum } from "./reductions.ts";
export {
  type ArgOptions,
  type CumsumOptions,
  type Ordered,
  type SortOptions,
  type TopKOptions,
  argMax,
  argMin,
  cumsum,
  logSoftmax,
  softmax,
  sort,
  topK,
} from "./alongAxis.ts";
