import { FormatError } from "../../tensor/errors.ts";

/**
 * What can be wrong with a model:
 * - `invalid-json`: a field that is missing or of another type than it should be;
 * - `invalid-topology`: layers of one name, references that lead nowhere or in a circle;
 * - `invalid-weights`: shapes that are none, or weights with more or fewer bytes than they say;
 * - `invalid-layer`: settings, weights and inputs of a layer that do not fit together;
 * - `dynamic-shape`: an input with an open dimension behind the first; `shapes` gives it one.
 */
export type LayersModelErrorCode =
  | "invalid-json"
  | "invalid-topology"
  | "invalid-weights"
  | "invalid-layer"
  | "dynamic-shape";

/** A model that is no well-formed layers model of TensorFlow.js. */
export class LayersModelError extends FormatError {
  override name = "LayersModelError";

  constructor(
    readonly code: LayersModelErrorCode,
    /** Where in the JSON, for example `modelTopology.model_config.config.layers[3]`. */
    readonly path: string,
    message: string,
    /** Byte of the weights, where they are at fault. */
    offset = 0,
  ) {
    super("layers-model", offset, message);
    // The JSON comes parsed: a path says more than a byte.
    if (code !== "invalid-weights") this.message = `layers-model: ${path}: ${message}`;
  }
}
