export { LayersModelError, type LayersModelErrorCode } from "./error.ts";
export { type LayersModelFiles, type LayersModelOptions, readLayersModel } from "./read.ts";
