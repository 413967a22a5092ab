import type { Graph } from "@parsimony/core-tensor";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { checkPlan } from "../plan/checkPlan.ts";
import type { Plan } from "../plan/plan.ts";
import { planLayers } from "../plan/planStages.ts";
import { writeInput, writeOutput, writeView } from "./graph/ports.ts";
import { writeStage } from "./graph/stage.ts";
import { GraphWriter, type Part } from "./graph/writer.ts";

/**
 * The schedule of a plan as a program of ordinary ops: for each patch slices of what it reads, layers with the padding that
 * this patch alone needs, and concatenations of the results along width and then height. Rows and columns that a plan keeps
 * are slices of what earlier patches made, and a pooling over all patches stands behind their parts put together. Layers of
 * codes are written as float ops between `dequantize` and `quantize`, with their padding written out.
 *
 * The program gives what the network gives: floats up to the order in which an engine adds, codes up to how it rounds, and both
 * exactly when it is lowered again by `toNetwork`, but for two kinds of layers: a transposed convolution of which a part is
 * taken gets its bias after the products, and a mean over all codes may become the next code.
 *
 * @throws PatchInferError PLAN_MISMATCH for a plan of another network; UNSUPPORTED_OP, BAD_MODEL for what no ordinary op does.
 */
export function patchedGraph(model: Model, plan: Plan): Graph {
  const network = networkOf(model);
  checkPlan(network, plan);
  const writer = new GraphWriter(network.name, [
    ...Object.keys(network.maps),
    ...[...network.inputs, ...network.outputs].map(({ name }) => name),
  ]);
  const values = new Map<string, string>();
  for (const port of network.inputs) {
    values.set(port.map, writeInput(port, network.maps[port.map] as FeatureMap, writer));
  }
  const whole = (name: string): Part => wholeMap(network, values, name, writer);
  for (const stage of plan.stages) values.set(stage.output, writeStage(network, stage, writer, whole));
  for (const port of network.outputs) {
    writeOutput(port, whole(port.map).value, network.maps[port.map] as FeatureMap, writer);
  }
  return writer.builder.build();
}

function wholeMap({ maps }: Network, values: Map<string, string>, name: string, writer: GraphWriter): Part {
  const map = maps[name] as FeatureMap;
  const known = values.get(name);
  const value = known ?? writeView(values.get(map.viewOf as string) as string, map, writer);
  values.set(name, value);
  return { value, rows: { start: 0, end: map.height }, columns: { start: 0, end: map.width } };
}

/** A network as a program of ordinary ops, layer by layer on whole images. @throws PatchInferError as `patchedGraph` */
export function networkGraph(network: Network): Graph {
  return patchedGraph(network, planLayers(network));
}
