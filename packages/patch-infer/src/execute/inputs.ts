import { isTensor, type Tensor } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Interval } from "../base/interval.ts";
import { packInput } from "../lower/ports.ts";
import type { FeatureMap, Network, Port } from "../network/network.ts";
import { cellCount, type Cells } from "./cells.ts";
import type { Inputs, InputSource, TileSource } from "./source.ts";

/** A box whose sides are written anew for each part. */
export interface MovingBox {
  readonly rows: { start: number; end: number } & Interval;
  readonly columns: { start: number; end: number } & Interval;
}

export function movingBox(): MovingBox {
  return { rows: { start: 0, end: 0 }, columns: { start: 0, end: 0 } };
}

/** What a run reads an input from: all cells, or a function. */
export type ReadySource = { readonly cells: Cells } | { readonly tile: TileSource };

/**
 * Brings what the caller gave into the form that a run reads, by feature map.
 *
 * @throws PatchInferError OPTION for inputs that are missing or unknown, SHAPE_MISMATCH, DTYPE_MISMATCH
 */
export function readySources(network: Network, inputs: Inputs): ReadonlyMap<string, ReadySource> {
  const given = byName(network, inputs);
  for (const name of Object.keys(given)) {
    if (network.inputs.some((port) => port.name === name)) continue;
    throw new PatchInferError("OPTION", `the network has no input "${name}": it takes ${portNames(network)}`);
  }
  return new Map(
    network.inputs.map((port) => {
      const source = Object.hasOwn(given, port.name) ? given[port.name] : undefined;
      if (source === undefined)
        throw new PatchInferError("OPTION", `input "${port.name}" is missing: the network takes ${portNames(network)}`);
      return [port.map, ready(port, network.maps[port.map] as FeatureMap, source)];
    }),
  );
}

function byName(network: Network, inputs: Inputs): Readonly<Record<string, InputSource>> {
  if (!isSource(inputs)) {
    if (typeof inputs === "object" && inputs !== null) return inputs;
    throw new PatchInferError("OPTION", `give inputs: the network takes ${portNames(network)}`);
  }
  const [only, ...others] = network.inputs;
  if (only === undefined || others.length > 0)
    throw new PatchInferError("OPTION", `give inputs by name: the network takes ${portNames(network)}`);
  return Object.fromEntries([[only.name, inputs]]);
}

function ready(port: Port, map: FeatureMap, source: InputSource): ReadySource {
  if (typeof source === "function") return { tile: source };
  if (isTensor(source)) return { cells: packInput(port, map, source as Tensor) };
  const fits = map.type === "float32" ? source instanceof Float32Array : source instanceof Int8Array;
  if (!fits) {
    throw new PatchInferError(
      "DTYPE_MISMATCH",
      `input "${port.name}": cells of ${map.type} are wanted, not ${source === null ? "null" : source.constructor?.name}`,
    );
  }
  if (source.length !== cellCount(map)) {
    const { height, width, channels } = map;
    throw new PatchInferError(
      "SHAPE_MISMATCH",
      `input "${port.name}": ${height} x ${width} x ${channels} = ${cellCount(map)} cells are wanted, ${source.length} were given`,
    );
  }
  return { cells: source };
}

function isSource(inputs: Inputs): inputs is InputSource {
  return typeof inputs === "function" || isTensor(inputs) || ArrayBuffer.isView(inputs);
}

function portNames(network: Network): string {
  return network.inputs.map(({ name }) => `"${name}"`).join(", ");
}
