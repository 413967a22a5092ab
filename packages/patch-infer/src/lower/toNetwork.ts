import { type Graph, type ValueType, checkGraph } from "@parsimony/core-tensor";
import type { Network, Port } from "../network/network.ts";
import { Constants } from "./constants.ts";
import { Draft } from "./draft.ts";
import { finish } from "./finish.ts";
import { foldIntoLayers } from "./fold/intoLayers.ts";
import { foldPadding } from "./fold/padding.ts";
import { formIslands } from "./integer/islands.ts";
import { lowerNodes } from "./lowerNodes.ts";
import { outputPorts } from "./outputs.ts";
import { type PreparedGraph, prepare } from "./prepare.ts";

export interface ToNetworkOptions {
  /** Numbers of symbolic dimensions by name. Default: 1 for a symbol that is the first dimension of an input. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Maps of more cells are refused. Default 2^28. */
  readonly maxCells?: number;
}

/**
 * A program as layers over feature maps, with the same results.
 *
 * @throws PatchInferError UNSUPPORTED_OP with every node that no layer stands for; DYNAMIC_SHAPE when the batch is neither 1
 *   nor open, or another dimension is unknown; BAD_MODEL for values without cells, scales that are missing or do not fit, and
 *   sums that 32 bits cannot hold.
 */
export function toNetwork(graph: Graph, options: ToNetworkOptions = {}): Network {
  const { dims = {}, maxCells = 2 ** 28 } = options;
  checkGraph(graph);
  const prepared = prepare(graph, dims);
  const network = build(graph, prepared, { maxCells, turned: false });
  const moves = transposes(network);
  if (moves === 0 || network.inputs.every(({ shape }) => shape.length !== 4)) return network;
  const other = build(graph, prepared, { maxCells, turned: true });
  return transposes(other) < moves ? other : network;
}

function positionsOf({ nodes }: Graph): Map<string, number> {
  return new Map(nodes.flatMap(({ outputs }, index) => outputs.map((name): [string, number] => [name, index])));
}

function transposes({ layers }: Network): number {
  return layers.filter(({ kind }) => kind === "transpose").length;
}

interface BuildOptions {
  readonly maxCells: number;
  /** See `lowerNodes`. */
  readonly turned: boolean;
}

function build(original: Graph, { graph, stored }: PreparedGraph, { maxCells, turned }: BuildOptions): Network {
  const draft = new Draft(Object.keys(graph.types), maxCells);
  const constants = new Constants(graph, stored);
  const { at, inputs } = lowerNodes(graph, original.inputs, draft, constants, {
    turned,
    positions: positionsOf(original),
  });
  const outputs = outputPorts(at);
  const kept = outputs.map(({ map }) => map);
  foldIntoLayers(draft, kept);
  formIslands(draft, kept);
  foldPadding(draft);
  const ports = inputs.map(
    ({ name, map, layout }): Port => ({
      name,
      map,
      shape: at.shape(name),
      layout,
      dtype: (graph.types[name] as ValueType).dtype as Port["dtype"],
    }),
  );
  return finish(draft, original.name, ports, outputs);
}
