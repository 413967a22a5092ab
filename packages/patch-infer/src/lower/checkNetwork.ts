import { PatchInferError } from "../base/errors.ts";
import { layerRules } from "../layers/rules.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";

const checked = new WeakSet<Network>();

/**
 * Checks that a network, which may be written by hand, hangs together: maps have sizes, views show maps of as many cells, layers read
 * what is there before them, and nothing is made twice. Weights are left to the kernels. Each network is looked at once.
 *
 * @throws PatchInferError BAD_MODEL
 */
export function checkNetwork(network: Network): void {
  if (checked.has(network)) return;
  const { inputs, outputs, layers, maps } = network;
  if (![inputs, outputs, layers].every(Array.isArray) || typeof maps !== "object" || maps === null) {
    throw bad("it has no lists of inputs, outputs and layers, or no maps");
  }
  for (const [name, map] of Object.entries(maps)) checkMap(network, name, map);
  const made = new Set<string>();
  const make = (name: string, what: string): void => {
    if (mapOf(network, name, what).viewOf !== undefined) throw bad(`${what} makes "${name}", which is a view`, name);
    if (made.has(name)) throw bad(`${what} makes "${name}", which is there before`, name);
    made.add(name);
  };
  const need = (name: string, what: string): void => {
    if (!made.has(mapOf(network, name, what).viewOf ?? name)) {
      throw bad(`${what} reads "${name}" before it is made`, name);
    }
  };
  for (const port of inputs) {
    checkPort(network, port, "input");
    make(port.map, `input "${port.name}"`);
  }
  layers.forEach((layer, index) => {
    const what = `layer ${index} "${layer.name}"`;
    if (!Object.hasOwn(layerRules, layer.kind)) throw bad(`${what} is of no known kind: ${String(layer.kind)}`);
    if (layer.inputs.length === 0) throw bad(`${what} reads nothing`);
    for (const name of layer.inputs) need(name, what);
    make(layer.output, what);
  });
  for (const port of outputs) {
    checkPort(network, port, "output");
    need(port.map, `output "${port.name}"`);
  }
  checked.add(network);
}

function bad(what: string, layer?: string): PatchInferError {
  return new PatchInferError("BAD_MODEL", `the network cannot be used: ${what}`, layer === undefined ? {} : { layer });
}

function mapOf({ maps }: Network, name: string, what: string): FeatureMap {
  const map = Object.hasOwn(maps, name) ? maps[name] : undefined;
  if (map === undefined) throw bad(`${what} speaks of a map "${name}", which there is not`, name);
  return map;
}

function cellsOf({ height, width, channels }: FeatureMap): number {
  return height * width * channels;
}

function checkMap(network: Network, name: string, map: FeatureMap): void {
  const { height, width, channels, type, viewOf } = map;
  if (map.name !== name) throw bad(`the map "${name}" calls itself "${map.name}"`, name);
  if (![height, width, channels].every((size) => Number.isInteger(size) && size > 0)) {
    throw bad(`the map "${name}" has ${height} x ${width} x ${channels} cells`, name);
  }
  if (type !== "float32" && type !== "int8") throw bad(`the map "${name}" has cells of ${String(type)}`, name);
  if (viewOf === undefined) return;
  const shown = mapOf(network, viewOf, `the view "${name}"`);
  if (shown.viewOf !== undefined || shown.type !== type || cellsOf(shown) !== cellsOf(map)) {
    throw bad(`the view "${name}" does not show "${viewOf}": another view, or other cells`, name);
  }
}

function checkPort(network: Network, { name, map, shape }: Port, direction: "input" | "output"): void {
  const cells = cellsOf(mapOf(network, map, `${direction} "${name}"`));
  if (shape.reduce((all, dim) => all * dim, 1) !== cells) {
    throw bad(`${direction} "${name}" has the shape [${shape.join(", ")}], its map ${cells} cells`, map);
  }
  if (network[`${direction}s`].filter((other) => other.name === name).length > 1) {
    throw bad(`two ${direction}s are named "${name}"`);
  }
}
