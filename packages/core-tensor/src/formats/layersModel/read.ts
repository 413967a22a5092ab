import { Recording } from "../../graph/recording.ts";
import type { Graph } from "../../ops/program.ts";
import { type Dim, canonicalDim } from "../../tensor/dims.ts";
import { ArgumentError, UnsupportedError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { checkShape } from "../../tensor/shape.ts";
import { quote } from "../quote.ts";
import { LayersModelError } from "./error.ts";
import { JsonValue } from "./json.ts";
import { LayerCall, translate } from "./layer.ts";
import { layerReaders } from "./layers/index.ts";
import { type LayerInfo, type Reference, readTopology } from "./topology.ts";
import { type Held, ownOrder, plain } from "./value.ts";
import { readWeights } from "./weights.ts";

/** The parts of a layers model, as `tf.loadLayersModel` fetches them. */
export interface LayersModelFiles {
  /** `model.json`, parsed. */
  readonly model: unknown;
  /** The files that its `weightsManifest` names, in that order, one after the other. */
  readonly weights: Uint8Array;
}

export interface LayersModelOptions {
  /**
   * Shapes of inputs by name, batch included, in the model's own order: whole numbers, and names for a batch that stays open.
   * Default: the model's, with the symbol `batch` where the first dimension is open. Open heights and widths need a number here.
   */
  readonly shapes?: Readonly<Record<string, readonly Dim[]>>;
  /** Name of the program. Default: the model's. */
  readonly name?: string;
}

/**
 * The program of a Keras model in the format of TensorFlow.js layers (`model.json` and its weights).
 *
 * - **Layers**: InputLayer, Conv2D, DepthwiseConv2D, Dense, Activation, ReLU, LeakyReLU, Softmax, Add, Subtract, Multiply, Maximum,
 *   Minimum, Concatenate, UpSampling2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten, Reshape,
 *   ZeroPadding2D, Cropping2D, BatchNormalization, Rescaling; what only trains (Dropout and the like) is passed over.
 * - **Names** are those of the layers; the second use of a layer is `<name>_1`.
 * - **Layout.** Inputs and outputs have the model's shapes, images [batch, height, width, channels]; in between they are held as
 *   [batch, channels, height, width].
 * - **Weights** are float32, or float32 that was stored as float16, uint8 or uint16.
 *
 * @throws LayersModelError when the JSON or the weights are damaged; UnsupportedError with every layer that cannot be read; ArgumentError
 *   for `shapes` that do not fit.
 * @example readLayersModel({ model: JSON.parse(text), weights }, { shapes: { image: [1, 64, 64, 3] } })
 */
export function readLayersModel(files: LayersModelFiles, options: LayersModelOptions = {}): Graph {
  const model = new JsonValue(files.model, "model");
  const topology = readTopology(model.get("modelTopology"));
  const layers = [...topology.layers.values()];
  const reasons = layers
    .filter(({ className }) => className !== "InputLayer" && !layerReaders.has(className))
    .map(({ path, className, name }) => `${path}: no layer of class ${quote(className)} (${quote(name)}) is known`);
  if (reasons.length > 0) throw new UnsupportedError("layers-model", reasons, "cannot be read");
  const weights = readWeights(model.get("weightsManifest"), files.weights);
  const recording = new Recording(options.name ?? topology.name, [...topology.layers.keys(), ...weights.keys()]);
  const values = new Map<string, Held>();
  readInputs(topology.layers, topology.inputs, options.shapes ?? {}, recording, values);

  const constants = new Map<string, ReturnType<Recording["constant"]>>();
  const constant = (value: HostTensor, name: string): ReturnType<Recording["constant"]> => {
    const known = constants.get(name);
    if (known !== undefined) return known;
    const made = recording.constant(value, name);
    constants.set(name, made);
    return made;
  };
  for (const reference of inOrder(topology.layers, topology.outputs)) {
    if (values.has(keyOf(reference))) continue;
    const info = topology.layers.get(reference.layer) as LayerInfo;
    const inputs = (info.calls[reference.call] ?? []).map((each) => values.get(keyOf(each)) as Held);
    const call = new LayerCall(info, inputs, weights, constant);
    try {
      const made = layerReaders.get(info.className)?.(call) as Held;
      values.set(keyOf(reference), made);
      recording.name(made.tensor, nameOf(reference));
    } catch (error) {
      throw translate(call, error);
    }
  }
  return recording.finish(
    topology.outputs.map((reference) => ({
      name: nameOf(reference),
      value: ownOrder(values.get(keyOf(reference)) as Held),
    })),
  );
}

function readInputs(
  layers: ReadonlyMap<string, LayerInfo>,
  inputs: readonly Reference[],
  shapes: Readonly<Record<string, readonly Dim[]>>,
  recording: Recording,
  values: Map<string, Held>,
): void {
  const names = inputs.map(({ layer }) => layer);
  for (const [name, shape] of Object.entries(shapes)) {
    const argument = `shapes[${quote(name)}]`;
    if (!names.includes(name)) {
      const expected = `one of the inputs ${names.map(quote).join(", ")}`;
      throw new ArgumentError({ op: "readLayersModel", argument, expected, found: "a name that is none of them" });
    }
    checkShape("readLayersModel", shape, argument);
  }
  for (const reference of inputs) {
    const info = layers.get(reference.layer);
    if (info?.className !== "InputLayer")
      throw new LayersModelError(
        "invalid-topology",
        reference.path,
        `no InputLayer is named ${quote(reference.layer)}`,
      );
    const dtype = info.config.optional("dtype")?.text() ?? "float32";
    if (dtype !== "float32")
      throw new UnsupportedError("layers-model", [`${info.path}: an input of dtype ${quote(dtype)}`], "cannot be read");
    const own = (info.config.optional("batch_input_shape") ?? info.config.get("batch_shape")).items();
    const given = Object.hasOwn(shapes, info.name) ? shapes[info.name] : undefined;
    if (given !== undefined && given.length !== own.length) {
      const expected = `${own.length} dimensions`;
      throw new ArgumentError({
        op: "readLayersModel",
        argument: `shapes[${quote(info.name)}]`,
        expected,
        found: String(given.length),
      });
    }
    const shape = own.map((dim, axis): Dim => {
      const asked = given?.[axis];
      if (asked !== undefined) return canonicalDim(asked);
      if (dim.value !== null) return dim.whole(0);
      if (axis === 0) return "batch";
      const message = `input ${quote(info.name)}: axis ${axis} is open; give it a length with the option shapes`;
      throw new LayersModelError("dynamic-shape", dim.path, message);
    });
    values.set(keyOf(reference), plain(recording.input(info.name, { dtype, shape })));
  }
}

/** All uses of layers that the outputs need, each after those that it reads. */
function inOrder(layers: ReadonlyMap<string, LayerInfo>, outputs: readonly Reference[]): readonly Reference[] {
  const order: Reference[] = [];
  const state = new Map<string, "open" | "done">();
  // Not recursive: a chain may be as long as the file.
  const stack = [...outputs].reverse().map((reference) => ({ reference, leaving: false }));
  while (stack.length > 0) {
    const { reference, leaving } = stack.pop() as (typeof stack)[number];
    const key = keyOf(reference);
    if (leaving) {
      state.set(key, "done");
      order.push(reference);
      continue;
    }
    if (state.get(key) === "done") continue;
    if (state.get(key) === "open")
      throw new LayersModelError(
        "invalid-topology",
        reference.path,
        `layer ${quote(reference.layer)} depends on itself`,
      );
    const info = layers.get(reference.layer);
    const reads = info?.calls[reference.call];
    if (reads === undefined)
      throw new LayersModelError(
        "invalid-topology",
        reference.path,
        `no layer ${quote(reference.layer)} with a use ${reference.call}`,
      );
    state.set(key, "open");
    stack.push({ reference, leaving: true });
    for (const each of reads.toReversed()) stack.push({ reference: each, leaving: false });
  }
  return order;
}

function keyOf({ layer, call }: Reference): string {
  return `${call}/${layer}`;
}

function nameOf({ layer, call }: Reference): string {
  return call === 0 ? layer : `${layer}_${call}`;
}
