import type { Plan } from "../plan/plan.ts";
import { stageRows } from "./stageRows.ts";
import { bytesText, countText, excess, printable, shareText, shorten, tableText } from "./text.ts";

export interface FormatPlanOptions {
  /** A row for each layer that runs on the whole image by itself, in place of one for each run of them. Default false. */
  readonly everyLayer?: boolean;
}

/**
 * A plan as text for a terminal: a line for the arena, one for the multiply-accumulates, and a table of stages: their layers, grid and
 * overlap mode, the map they make, their multiply-accumulates, and the most bytes alive while they run. Bytes are in powers of 1024.
 */
export function formatPlan(plan: Plan, options: FormatPlanOptions = {}): string {
  const { arenaBytes, lowerBoundBytes, macs } = plan;
  const gap = arenaBytes - lowerBoundBytes;
  const bound = gap === 0 ? "what is alive at once" : `${bytesText(lowerBoundBytes)} alive at once`;
  const more =
    macs.plan === macs.network
      ? "nothing is computed twice"
      : `${shareText(excess(macs.plan, macs.network))} more than the network's ${countText(macs.network)}`;
  const rows = stageRows(plan, options.everyLayer ?? false).map((row) => [
    row.end - row.first === 1 ? `${row.first}` : `${row.first}-${row.end - 1}`,
    row.patches,
    row.overlap,
    shorten(printable(row.output), 40),
    row.size,
    countText(row.macs),
    bytesText(row.liveBytes),
  ]);
  return [
    `arena  ${bytesText(arenaBytes)} (${arenaBytes} bytes, ${bound})`,
    `MACs   ${countText(macs.plan)} (${more})`,
    "",
    ...tableText(["layers", "patches", "overlap", "output", "size", "MACs", "alive"], rows, 5),
  ].join("\n");
}
