import { ConformalError } from "../base/errors.ts";
import { readKind } from "../base/savedRecord.ts";
import { aciFromSaved } from "./aci.ts";
import { agAciFromSaved } from "./agAci.ts";
import { type ConformalPidFunctions, pidFromSaved } from "./conformalPid.ts";
import { dtAciFromSaved } from "./dtAci.ts";
import type { OnlineMethod } from "./method.ts";
import { trackerFromSaved } from "./quantileTracker.ts";
import { saocpFromSaved } from "./saocp.ts";
import { type Saved, readSaved } from "./saved.ts";

const WHERE = "onlineFromJSON";

const READERS: Readonly<
  Record<string, (options: Saved, state: Saved, functions: ConformalPidFunctions) => OnlineMethod>
> = {
  aci: aciFromSaved,
  dtAci: dtAciFromSaved,
  agAci: agAciFromSaved,
  quantileTracker: trackerFromSaved,
  conformalPid: pidFromSaved,
  saocp: saocpFromSaved,
};

/**
 * The online method that `toJSON` described, which goes on with the same thresholds bit for bit.
 *
 * @param json what `JSON.parse` gave for a saved method; every field is checked
 * @param functions the functions of a saved `conformalPid` that had any
 * @throws ConformalError E_JSON, or the code of the field that is out of its domain
 */
export function onlineFromJSON(json: unknown, functions: ConformalPidFunctions = {}): OnlineMethod {
  const saved = readKind(WHERE, json, "parsimony.conformal.online-method");
  const { method } = saved;
  const read = typeof method === "string" && Object.hasOwn(READERS, method) ? READERS[method] : undefined;
  if (read === undefined) throw new ConformalError("E_JSON", `${WHERE}: unknown method ${JSON.stringify(method)}`);
  return read(readSaved(WHERE, saved["options"], "options"), readSaved(WHERE, saved["state"], "state"), functions);
}
