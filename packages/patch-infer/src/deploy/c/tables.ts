import type { StepSchedule } from "../../execute/schedule.ts";
import type { Layer } from "../../network/layer.ts";
import type { Network } from "../../network/network.ts";
import type { CFunction } from "./kernels/variant.ts";
import { integerLiteral } from "./literals.ts";
import { commentText } from "./names.ts";
import type { CAction, CSchedule, CStage } from "./schedule.ts";

/** The schedule's tables as C text, and their size where addresses have 32 bits. */
export interface CTables {
  readonly text: string;
  readonly bytes: number;
}

/** What stands for a layer in the table of steps. */
interface StepNames {
  readonly kernel: CFunction;
  readonly layer: string;
  readonly add?: string;
}

/** `name` is asked once per step that runs a layer, in the order of the steps. */
export function tablesOf(schedule: CSchedule, name: (step: StepSchedule) => StepNames): CTables {
  const { parts, places, stages } = schedule;
  const operands: number[] = [];
  const steps: string[] = [];
  for (const action of stages.flatMap(({ actions }) => actions)) {
    const first = operands.length;
    operands.push(...(action.kind === "run" ? action.inputs : []), action.place);
    steps.push(stepRow(action, first, name));
  }
  const firstParts: number[] = [];
  const triples: number[][] = [];
  for (const { from, compute, to } of parts) {
    firstParts.push(triples.length);
    to.forEach((end, i) => triples.push([from[i] ?? 0, compute[i] ?? 0, end]));
  }
  const address = (index: number): string => (index < 0 ? "NULL" : `net_parts + ${firstParts[index]}`);
  const placeRows = places.map((place) => {
    const flags = [
      place.partial ? "NET_PARTIAL" : "",
      place.keepsColumns ? "NET_KEEPS_COLUMNS" : "",
      place.keepsRows ? "NET_KEEPS_ROWS" : "",
      place.lines >= 0 ? "NET_KEEPS_LINES" : "",
    ].filter((flag) => flag !== "");
    const numbers = [place.offset, place.lines, place.linesRowCells * place.cellBytes, place.rowCells, place.cellBytes];
    return `{ ${numbers.join(", ")}, ${address(place.rows)}, ${address(place.columns)}, ${flags.join(" | ") || "0"} }`;
  });
  const text = [
    array("net_part", "net_parts", triples.map(triple)),
    array("net_place", "net_places", placeRows),
    array("uint16_t", "net_operands", operands.map(String), ", "),
    array("net_step", "net_steps", steps),
    array("net_stage", "net_stages", stageRows(stages)),
  ].join("\n");
  const bytes = 6 * triples.length + 32 * places.length + 2 * operands.length + 20 * steps.length + 8 * stages.length;
  return { text, bytes };
}

function stepRow(action: CAction, operands: number, name: (step: StepSchedule) => StepNames): string {
  if (action.kind !== "run") {
    const kernel = action.kind === "load" ? "NET_LOAD" : "NET_HAND_OUT";
    return `{ NULL, NULL, 0, ${kernel}, 0, ${operands}, ${action.port} }`;
  }
  const { kernel, layer, add } = name(action.schedule);
  const { scratch = action.schedule.sums, step } = action.schedule;
  const addText = add === undefined ? "NULL" : `&${add}`;
  const numbers = [action.inputs.length, operands, step.inPlace?.channelBlock ?? 0];
  return `{ &${layer}, ${addText}, ${scratch?.offset ?? 0}, ${kernelNumber(kernel)}, ${numbers.join(", ")} }`;
}

function stageRows(stages: readonly CStage[]): readonly string[] {
  let step = 0;
  return stages.map(({ rows, columns, actions }) => {
    const first = step;
    step += actions.length;
    return triple([rows, columns, first, step]);
  });
}

function triple(numbers: readonly number[]): string {
  return `{ ${numbers.map(integerLiteral).join(", ")} }`;
}

/** The name of a kernel's number. */
export function kernelNumber({ name }: CFunction): string {
  return name.toUpperCase();
}

function array(type: string, name: string, rows: readonly string[], join = ",\n  "): string {
  return `static const ${type} ${name}[${rows.length}] = {\n  ${rows.join(join)}\n};\n`;
}

/** A line about a layer. Names of a model are strangers' text. */
export function layerComment(layer: Layer, { maps }: Network): string {
  const map = maps[layer.output];
  const size = map === undefined ? "" : ` -> ${map.height} x ${map.width} x ${map.channels}`;
  return `/* ${commentText(layer.name)}: ${layer.kind}${size} */\n`;
}
