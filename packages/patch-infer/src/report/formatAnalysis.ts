import type { LayerReport } from "../plan/analyze.ts";
import { bytesText, countText, printable, shorten, tableText } from "./text.ts";

export interface FormatAnalysisOptions {
  /** Layers to show, those that need the most memory. Default 5. */
  readonly layers?: number;
}

/**
 * What `analyze` found as text for a terminal: a line of sums, and a table of the layers that need the most memory when the network runs
 * layer by layer. Bytes are in powers of 1024.
 */
export function formatAnalysis(reports: readonly LayerReport[], options: FormatAnalysisOptions = {}): string {
  const { layers = 5 } = options;
  const sum = (of: (report: LayerReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const peak = reports.reduce((most, { liveBytes }) => Math.max(most, liveBytes), 0);
  const largest = reports.toSorted((a, b) => b.liveBytes - a.liveBytes).slice(0, layers);
  const rows = largest
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, name, kind, output, macs, liveBytes }) => [
      String(index),
      kind,
      shorten(printable(name), 40),
      output.join(" x "),
      macs === 0 ? "" : countText(macs),
      bytesText(liveBytes),
    ]);
  return [
    `${reports.length} layers, ${countText(sum(({ macs }) => macs))} MACs, ${bytesText(sum(({ weightBytes }) => weightBytes))} of weights`,
    `layer by layer ${bytesText(peak)} are alive at once; the layers that need the most:`,
    "",
    ...tableText(["layer", "kind", "name", "output", "MACs", "alive"], rows, 4),
  ].join("\n");
}
