import { PatchInferError } from "../../base/errors.ts";
import { mapsOf } from "../../layers/rules.ts";
import type { Binary, Layer } from "../../network/layer.ts";
import type { Network } from "../../network/network.ts";
import type { Plan, Step } from "../../plan/plan.ts";
import { Constants } from "./constants.ts";
import { headerText, type ProgramShape } from "./header.ts";
import { type CFunction, inOrder } from "./kernels/variant.ts";
import { type CLayer, cAddition, cLayerOf, type Manner } from "./layers.ts";
import { cPrefix } from "./names.ts";
import { cPorts } from "./ports.ts";
import { programText, widthBytes } from "./program.ts";
import { cScheduleOf } from "./schedule.ts";
import { fieldBytes, structText, structValue } from "./struct.ts";
import { layerComment, tablesOf } from "./tables.ts";

/** Options of `emitC`. */
export interface EmitCOptions {
  /** Begins all names and files: a C identifier; other characters become `_`. Default `"net"`. */
  readonly prefix?: string;
  /**
   * Put bytes of a known pattern before and behind the arena and look at them after every step; `net_run` gives `NET_ERROR_GUARD`
   * when they changed. Default false.
   */
  readonly guard?: boolean;
}

/** A network as C99. */
export interface CSource {
  /** Texts by file name: `<prefix>.h`, `<prefix>.c` and `<prefix>_weights.h`, which only the second includes. */
  readonly files: Readonly<Record<string, string>>;
  /** Size of the one static array: `plan.arenaBytes`. There is no other static memory. */
  readonly arenaBytes: number;
  /** Bytes of constants where addresses have 32 bits: weights, and the tables of the schedule. The code itself comes on top. */
  readonly flashBytes: number;
  /** Of these, weights, biases, multipliers and look-up tables. */
  readonly weightBytes: number;
  /** Does it need libm (`-lm`)? Only for float functions such as exp and tanh. */
  readonly needsMath: boolean;
}

/** As `emitC`, for a plan that is known to belong to the network. */
export function cSourceOf(network: Network, plan: Plan, { prefix = "net", guard = false }: EmitCOptions): CSource {
  checkSizes(network);
  const schedule = cScheduleOf(network, plan);
  const constants = new Constants();
  const structs = new Map<string, string>();
  const layers: string[] = [];
  let layerBytes = 0;
  const addLayer = (layer: Layer, name: string, { struct, fields }: Pick<CLayer, "struct" | "fields">): void => {
    structs.set(struct, structText(struct, fields));
    layers.push(`${layerComment(layer, network)}static const ${struct} ${name} = ${structValue(fields, constants)};\n`);
    layerBytes += fieldBytes * Object.keys(fields).length;
  };
  const kernels: CFunction[] = [];
  const pools: CFunction[] = [];
  const tables = tablesOf(schedule, ({ step, layer }) => {
    const manner = mannerOf(network, step);
    const made = cLayerOf(layer, mapsOf(network, layer), manner);
    kernels.push(made.kernel);
    if (manner.byParts) pools.push(made.kernel);
    const name = `net_layer_${step.layer}`;
    addLayer(layer, name, made);
    if (manner.add === undefined) return { kernel: made.kernel, layer: name };
    const add = `net_layer_${step.add}`;
    addLayer(manner.add.layer, add, cAddition(layer, manner.add));
    return { kernel: made.kernel, layer: name, add };
  });
  const functions = inOrder(kernels);
  const needsMath = functions.some(({ math }) => math === true);
  const shape: ProgramShape = {
    network,
    plan,
    inputs: cPorts(network, plan, "inputs"),
    outputs: cPorts(network, plan, "outputs"),
    guard,
    mostInputs: Math.max(1, ...network.layers.map(({ inputs }) => inputs.length)),
  };
  const name = cPrefix(prefix);
  const rename = (text: string): string => text.replace(/\bnet(?=_)/g, name).replace(/\bNET(?=_)/g, name.toUpperCase());
  const source = programText(shape, {
    structs: [...structs.values()],
    functions,
    kernels,
    pools,
    layers,
    tables,
    needsMath,
  });
  return {
    files: {
      [`${name}.h`]: rename(headerText(shape)),
      [`${name}.c`]: rename(source.replaceAll("@FILE@", name)),
      [`${name}_weights.h`]: rename(
        `/* Constants of ${name}.c, which alone includes this file. */\n\n${constants.text}`,
      ),
    },
    arenaBytes: plan.arenaBytes,
    flashBytes: constants.bytes + layerBytes + tables.bytes + widthBytes(shape),
    weightBytes: constants.bytes,
    needsMath,
  };
}

function mannerOf(network: Network, { add, inPlace, sums }: Step): Manner {
  const manner = { inPlace: inPlace !== undefined, byParts: sums !== undefined };
  if (add === undefined) return manner;
  const layer = network.layers[add] as Binary;
  return { ...manner, add: { layer, maps: mapsOf(network, layer) } };
}

/** Positions are stored as 16-bit numbers, and C has no arrays without elements. */
function checkSizes({ name: model, layers, maps }: Network): void {
  if (layers.length === 0)
    throw new PatchInferError("UNSUPPORTED_OP", `network "${model}" has no layers: there is nothing to run`);
  for (const { name, height, width } of Object.values(maps)) {
    if (height < 32768 && width < 32768) continue;
    throw new PatchInferError(
      "UNSUPPORTED_OP",
      `map "${name}" has ${height} x ${width} cells; C takes up to 32767 rows and columns`,
    );
  }
}
