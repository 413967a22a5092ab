import { Artefact, fileNames } from "./artefact.ts";
import { readReport } from "./results.ts";
import type { Store } from "./store.ts";
import type { TicketReport } from "./types.ts";

/**
 * The experiment that a store holds, finished or not, as far as it has come: `finished` says whether that is all of it. Undefined
 * when there is none, or one that has not come to step k yet.
 *
 * @throws LotteryError E_RESUME with the file's name when one is damaged or missing.
 */
export async function readTickets(store: Store): Promise<TicketReport | undefined> {
  const artefact = await Artefact.find(store);
  if (artefact === undefined || !artefact.has(fileNames.state(artefact.journal.rewindStep))) return undefined;
  return readReport(artefact);
}
