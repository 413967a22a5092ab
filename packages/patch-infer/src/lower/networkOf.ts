import type { Graph } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import type { Network } from "../network/network.ts";
import { checkNetwork } from "./checkNetwork.ts";
import { toNetwork } from "./toNetwork.ts";

/** What functions of this package take: a program, or the layers that it consists of. */
export type Model = Graph | Network;

/**
 * The layers of a model: a program is lowered with default options, a network is given back as it is.
 *
 * @throws PatchInferError what lowering throws; BAD_MODEL for a network that does not hang together
 */
export function networkOf(model: Model): Network {
  if (typeof model !== "object" || model === null) {
    throw new PatchInferError("BAD_MODEL", `a graph or a network is wanted, not ${String(model)}`);
  }
  if ("nodes" in model) return toNetwork(model);
  checkNetwork(model);
  return model;
}
