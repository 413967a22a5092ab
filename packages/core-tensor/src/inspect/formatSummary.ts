import { formatType } from "../graph/print.ts";
import type { Dim } from "../tensor/dims.ts";
import { type Style, styleFor } from "./style.ts";
import { type GraphSummary, type LayerSummary, type ValueSummary, atOnes } from "./summarize.ts";
import { type Column, formatTable, widthOf } from "./table.ts";
import { formatBytes, formatCount, printable } from "./units.ts";

export interface FormatSummaryOptions {
  /** Characters per line, which names and bars have to fit into. Default 100. */
  readonly width?: number;
  /** Escape sequences for a terminal's colours. Default: no. */
  readonly color?: boolean;
  /** How many layers to show: those with the most live bytes, in the program's order. Default 25. */
  readonly layers?: number | "all";
}

const OWN = "█";
const OTHERS = "░";
const LONGEST_BAR = 40;
const SHORTEST_BAR = 8;
const SHORTEST_NAME = 12;
const LONGEST_NAME = 40;

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
    operators.map(({ op, count, macs }) => [printable(op), String(count), formatAmount(macs, formatCount)]),
  );
  return [style.title(head), ...rows];
}

function layerLines(summary: GraphSummary, width: number, limit: number | "all", style: Style): string[] {
  const { layers, peak } = summary;
  if (peak === undefined) return ["no nodes"];
  const shown = chosen(layers, limit);
  const cells = shown.map((layer) => [
    String(layer.index),
    printable(layer.op),
    printable(layer.name),
    layer.outputs.map(formatType).join(", "),
    formatAmount(layer.macs, formatCount),
    layer.parameters === 0 ? "" : formatCount(layer.parameters),
    formatBytes(layer.activationBytes),
  ]);
  const columns: readonly Column[] = [
    { title: "#", align: "right" },
    { title: "op", align: "left", most: 20 },
    { title: "result", align: "left", most: nameWidth(cells, width) },
    { title: "type", align: "left", most: 36 },
    { title: "MACs", align: "right" },
    { title: "params", align: "right" },
    { title: "bytes", align: "right" },
  ];
  const [head = "", ...rows] = formatTable(columns, cells);
  const table = Math.max(widthOf(head), ...rows.map(widthOf));
  // Two blanks before the bar, and room for the mark behind the longest.
  const room = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, width - table - 2 - " < peak".length));
  const most = atOnes(peak.bytes);
  const lines = rows.map((row, i) => {
    const layer = shown[i] as LayerSummary;
    const mark = layer.index === peak.layer ? style.alarm(" < peak") : "";
    return `${row.padEnd(table)}  ${bar(layer, most, room, style)}${mark}`.trimEnd();
  });
  const hidden = layers.length - shown.length;
  return [
    style.title(`${head.padEnd(table)}  memory`),
    ...lines,
    ...(hidden > 0 ? [style.faint(`… and ${hidden} nodes that need less memory`)] : []),
    style.faint(`${OWN} the node's results  ${OTHERS} other values that are needed while it runs`),
    "",
  ];
}

/** What is left of a line for names, when everything else in the table has the room that it wants. */
function nameWidth(cells: readonly (readonly string[])[], width: number): number {
  const others = [2, 3, 2, 4, 4, 6, 5].map((title, column) =>
    column === 2 ? 0 : Math.max(title, ...cells.map((row) => Math.min(36, widthOf(row[column] as string)))),
  );
  const used = others.reduce((sum, cell) => sum + cell + 2, 0) + SHORTEST_BAR + " < peak".length;
  return Math.max(SHORTEST_NAME, Math.min(LONGEST_NAME, width - used));
}

function chosen(layers: readonly LayerSummary[], limit: number | "all"): readonly LayerSummary[] {
  if (limit === "all" || layers.length <= limit) return layers;
  const bySize = layers.toSorted((a, b) => atOnes(b.liveBytes) - atOnes(a.liveBytes) || a.index - b.index);
  return bySize.slice(0, limit).sort((a, b) => a.index - b.index);
}

function bar(layer: LayerSummary, most: number, room: number, style: Style): string {
  const cells = (bytes: Dim): number => (most === 0 ? 0 : Math.round((atOnes(bytes) / most) * room));
  const [own, live] = [cells(layer.activationBytes), cells(layer.liveBytes)];
  return OWN.repeat(own) + style.faint(OTHERS.repeat(Math.max(0, live - own)));
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

/** Nothing for a zero: most nodes have no multiplications. */
function formatAmount(amount: Dim, format: (amount: Dim) => string): string {
  return amount === 0 ? "" : format(amount);
}
