export { type BoundInputs, bindDims, bindInputs } from "../graph/binding.ts";
