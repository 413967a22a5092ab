import { formatType } from "../graph/print.ts";
import { layerLines } from "./layerTable.ts";
import { type Style, styleFor } from "./style.ts";
import type { GraphSummary, ValueSummary } from "./summarize.ts";
import { formatTable } from "./table.ts";
import { formatBytes, formatCount, formatNonZero, printable } from "./units.ts";

export interface FormatSummaryOptions {
  /** Characters per line, which names and bars have to fit into; below 100 the table is simplified. Default 100. */
  readonly width?: number;
  /** Escape sequences for a terminal's colours. Default: no. */
  readonly color?: boolean;
  /** How many layers to show: those with the most live bytes, in the program's order. Default 25. */
  readonly layers?: number | "all";
}

/**
 * A summary as text: inputs and outputs, operators, layers with a bar of the memory that each needs, totals.
 *
 * @example console.log(formatSummary(summarize(graph), { width: process.stdout.columns }))
 */
export function formatSummary(summary: GraphSummary, options: FormatSummaryOptions = {}): string {
  const { width = 100, color = false, layers = 25 } = options;
  const style = styleFor(color);
  return [
    ...formatValues("inputs", summary.inputs, style),
    ...formatValues("outputs", summary.outputs, style),
    "",
    ...operatorLines(summary, style),
    "",
    ...layerLines(summary, width, layers, style),
    ...totalLines(summary, style),
  ].join("\n");
}

/** Names and types under a heading, one a line. */
export function formatValues(heading: string, values: readonly ValueSummary[], style: Style): string[] {
  if (values.length === 0) return [`${style.title(heading.padEnd(9))}none`];
  return values.map((value, i) => {
    const label = i === 0 ? style.title(heading.padEnd(9)) : " ".repeat(9);
    return `${label}${printable(value.name)}: ${formatType(value)}`;
  });
}

function operatorLines({ operators }: GraphSummary, style: Style): string[] {
  const [head = "", ...rows] = formatTable(
    [
      { title: "operator", align: "left" },
      { title: "nodes", align: "right" },
      { title: "MACs", align: "right" },
    ],
    operators.map(({ op, count, macs }) => [printable(op), String(count), formatNonZero(macs)]),
  );
  return [style.title(head), ...rows];
}

function totalLines(summary: GraphSummary, style: Style): string[] {
  const { layers, parameters, parameterBytes, macs, activationBytes, peak, symbols } = summary;
  const line = (heading: string, text: string): string => style.title(heading.padEnd(13)) + text;
  const where = peak === undefined ? "" : `, at node ${peak.layer} (${printable(layers[peak.layer]?.name ?? "")})`;
  return [
    line("parameters", `${formatCount(parameters)} (${formatBytes(parameterBytes)})`),
    line("MACs", formatCount(macs)),
    line("activations", `${formatBytes(activationBytes)} in all results`),
    line("peak memory", `${formatBytes(peak?.bytes ?? 0)} of values at once${where}`),
    ...(symbols.length === 0 ? [] : [style.faint(`bars and peak are drawn for ${symbols.join(" = ")} = 1`)]),
  ];
}
