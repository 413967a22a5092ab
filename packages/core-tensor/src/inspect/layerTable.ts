import { formatType } from "../graph/print.ts";
import type { Dim } from "../tensor/dims.ts";
import type { Style } from "./style.ts";
import { type GraphSummary, type LayerSummary, atOnes } from "./summarize.ts";
import { type Column, formatTable, widest, widthOf } from "./table.ts";
import { formatBytes, formatCount, formatNonZero, printable } from "./units.ts";

const OWN = "█";
const OTHERS = "░";
const GAP = "  ";
const LONGEST_BAR = 40;
const SHORTEST_BAR = 8;
const SHORTEST_NAME = 12;
const LONGEST_NAME = 40;
/** Below this width there is no column for parameters and no blank in shapes, so that 80 characters are enough. */
const WIDE = 100;

/** What the table's columns are and how much of them fits. */
interface Layout {
  readonly columns: readonly (Column & { readonly text: (layer: LayerSummary) => string })[];
  readonly mark: string;
}

function layoutFor(width: number): Layout {
  const wide = width >= WIDE;
  const types = (layer: LayerSummary): string => layer.outputs.map(formatType).join(", ");
  return {
    columns: [
      { title: "#", align: "right", text: ({ index }) => String(index) },
      { title: "op", align: "left", most: wide ? 20 : 10, text: ({ op }) => printable(op) },
      { title: "result", align: "left", text: ({ name }) => printable(name) },
      wide
        ? { title: "type", align: "left", most: 36, text: types }
        : { title: "type", align: "left", most: 21, text: (layer) => types(layer).replaceAll(" ", "") },
      { title: "MACs", align: "right", text: ({ macs }) => formatNonZero(macs) },
      ...(wide ? [{ title: "params", align: "right", text: paramsOf } as const] : []),
      { title: "bytes", align: "right", text: ({ activationBytes }) => formatBytes(activationBytes) },
    ],
    mark: wide ? " < peak" : " <",
  };
}

const paramsOf = ({ parameters }: LayerSummary): string => (parameters === 0 ? "" : formatCount(parameters));

/** The nodes of a program in a table, with a bar of the memory that each needs, a key, and an empty line. */
export function layerLines(summary: GraphSummary, width: number, limit: number | "all", style: Style): string[] {
  const { layers, peak } = summary;
  if (peak === undefined) return ["no nodes", ""];
  const shown = chosen(layers, limit);
  const { columns, mark } = layoutFor(width);
  const cells = shown.map((layer) => columns.map(({ text }) => text(layer)));
  const named = columns.map((column, i) => {
    if (column.title !== "result") return column;
    const others = columns.map((other, j) => (i === j ? 0 : columnWidth(other, j, cells) + GAP.length));
    const left = width - others.reduce((sum, cell) => sum + cell, 0) - GAP.length - SHORTEST_BAR - mark.length;
    return { ...column, most: Math.max(SHORTEST_NAME, Math.min(LONGEST_NAME, left)) };
  });
  const [head = "", ...rows] = formatTable(named, cells);
  const table = widest([head, ...rows]);
  const room = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, width - table - GAP.length - mark.length));
  const most = atOnes(peak.bytes);
  const lines = rows.map((row, i) => {
    const layer = shown[i] as LayerSummary;
    const end = layer.index === peak.layer ? style.alarm(mark) : "";
    return `${pad(row, table)}${GAP}${bar(layer, most, room, style)}${end}`.trimEnd();
  });
  const hidden = layers.length - shown.length;
  return [
    style.title(`${pad(head, table)}${GAP}memory`),
    ...lines,
    ...(hidden > 0 ? [style.faint(`… and ${hidden} nodes that need no more memory`)] : []),
    style.faint(`${OWN} the node's results  ${OTHERS} other values that are needed while it runs  < peak`),
    "",
  ];
}

function columnWidth({ title, most = Infinity }: Column, index: number, cells: readonly (readonly string[])[]): number {
  return Math.min(most, widest([title, ...cells.map((row) => row[index] as string)]));
}

/** By characters, of which some have two code units. */
function pad(text: string, width: number): string {
  return text + " ".repeat(width - widthOf(text));
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
