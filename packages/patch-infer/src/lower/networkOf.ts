import type { Graph } from "@parsimony/core-tensor";
import type { Network } from "../network/network.ts";
import { toNetwork } from "./toNetwork.ts";

/** What functions of this package take: a program, or the layers that it consists of. */
export type Model = Graph | Network;

/** The layers of a model: a program is lowered with default options, a network is given back as it is. */
export function networkOf(model: Model): Network {
  return "nodes" in model ? toNetwork(model) : model;
}
