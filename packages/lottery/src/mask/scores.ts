import type { HostTensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData, sortedNames } from "../base/parameters.ts";
import type { Mask } from "./mask.ts";

/**
 * How much each weight is worth, for every tensor of a mask a float tensor of its shape. The largest are kept, whatever
 * the criterion: one whose paper keeps the smallest is negated where it is computed.
 */
export type Scores = Named;

/**
 * Throws unless there are scores for every tensor of the mask: E_PARAMETERS for a missing one or another shape,
 * E_NON_FINITE for NaN or an infinity at a weight that is still kept, with its place.
 */
export function checkScores(where: string, scores: Scores, mask: Mask): void {
  for (const name of sortedNames(mask)) {
    const entry = mask[name] as HostTensor;
    const score = scores[name];
    if (score === undefined || score.shape.join() !== entry.shape.join()) {
      const found = score === undefined ? "none" : `shape [${score.shape}]`;
      throw new LotteryError(
        "E_PARAMETERS",
        `${where}: scores of ${name}: expected shape [${entry.shape}], got ${found}`,
        {
          tensor: name,
        },
      );
    }
    const values = floatData(`${where}: scores`, name, score);
    const kept = entry.dataSync() as Uint8Array;
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i]) || kept[i] === 0) continue;
      throw new LotteryError("E_NON_FINITE", `${where}: score ${i} of ${name} is ${values[i]}`, {
        tensor: name,
        index: i,
      });
    }
  }
}
