import { UnsupportedError } from "../../tensor/errors.ts";
import { quote } from "../quote.ts";
import { LayersModelError } from "./error.ts";
import type { JsonValue } from "./json.ts";

/** One use of a layer, by the layer's name and the number of the use (a layer may be applied several times). */
export interface Reference {
  readonly layer: string;
  readonly call: number;
  readonly path: string;
}

export interface LayerInfo {
  readonly name: string;
  readonly className: string;
  readonly config: JsonValue;
  /** The values that each use reads. */
  readonly calls: readonly (readonly Reference[])[];
  readonly path: string;
}

export interface Topology {
  readonly name: string;
  readonly layers: ReadonlyMap<string, LayerInfo>;
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

/** The layers of `modelTopology` and how they are connected; a sequence becomes a chain of layers. */
export function readTopology(topology: JsonValue): Topology {
  const model = topology.optional("model_config") ?? topology;
  const className = model.get("class_name").text();
  const config = model.get("config");
  if (className === "Sequential") return readSequence(config);
  if (className !== "Functional" && className !== "Model")
    throw new UnsupportedError(
      "layers-model",
      [`${model.path}: a model of class ${quote(className)}`],
      "cannot be read",
    );
  const layers = new Map<string, LayerInfo>();
  for (const each of config.get("layers").items())
    addLayer(layers, readLayer(each, readCalls(each.get("inbound_nodes"))));
  const ports = (key: string): readonly Reference[] => {
    const list = config.get(key);
    // A single port may stand without a list around it.
    const flat = list.items()[0]?.isArray === false;
    return flat ? [readReference(list)] : list.items().map(readReference);
  };
  return { name: nameOf(config), layers, inputs: ports("input_layers"), outputs: ports("output_layers") };
}

function readSequence(config: JsonValue): Topology {
  const layers = new Map<string, LayerInfo>();
  let last: Reference | undefined;
  let input: Reference | undefined;
  const list = (config.isArray ? config : config.get("layers")).items();
  for (const [i, each] of list.entries()) {
    const path = each.path;
    const plain = each.get("class_name").text() !== "InputLayer";
    if (i === 0 && plain) {
      // The first layer says what it takes; there is no layer for the input itself.
      const layer = `${each.get("config").get("name").text()}_input`;
      addLayer(layers, { name: layer, className: "InputLayer", config: each.get("config"), calls: [[]], path });
      last = { layer, call: 0, path };
      input = last;
    }
    const info = readLayer(each, [plain && last !== undefined ? [last] : []]);
    addLayer(layers, info);
    last = { layer: info.name, call: 0, path };
    input ??= last;
  }
  if (last === undefined || input === undefined)
    throw new LayersModelError("invalid-topology", config.path, "a sequence without layers");
  return { name: nameOf(config), layers, inputs: [input], outputs: [last] };
}

function addLayer(layers: Map<string, LayerInfo>, info: LayerInfo): void {
  if (layers.has(info.name))
    throw new LayersModelError("invalid-topology", info.path, `two layers are named ${quote(info.name)}`);
  layers.set(info.name, info);
}

function readLayer(each: JsonValue, calls: LayerInfo["calls"]): LayerInfo {
  const config = each.get("config");
  const name = (each.optional("name") ?? config.get("name")).text();
  return {
    name,
    className: each.get("class_name").text(),
    config,
    path: each.path,
    calls: calls.length === 0 ? [[]] : calls,
  };
}

/** Per use a list of references `[layer, call, output, further arguments]`. */
function readCalls(nodes: JsonValue): readonly (readonly Reference[])[] {
  return nodes.items().map((call) => call.items().map(readReference));
}

function readReference(reference: JsonValue): Reference {
  const [layer, call, output] = reference.items();
  if (layer === undefined || call === undefined || output === undefined) return reference.fail("[layer, call, output]");
  if (output.whole(0) !== 0)
    throw new LayersModelError("invalid-topology", reference.path, "layers have one output, number 0");
  return { layer: layer.text(), call: call.whole(0), path: reference.path };
}

function nameOf(config: JsonValue): string {
  return config.isArray ? "layersModel" : (config.optional("name")?.text() ?? "layersModel");
}
