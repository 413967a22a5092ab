import { type ChartOptions, chart, element, frameOf, label, textOf } from "@parsimony/charts";
import type { Interval } from "../base/interval.ts";
import { PatchInferError } from "../base/errors.ts";
import { type Model, networkOf } from "../lower/networkOf.ts";
import type { FeatureMap, Network } from "../network/network.ts";
import { type PatchBox, patchBoxes } from "../plan/patchBoxes.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import { printable, shorten } from "./text.ts";

export interface PatchPictureOptions extends ChartOptions {
  /** Which patch. Default: one in the middle. */
  readonly row?: number;
  readonly column?: number;
  /** Drawn under the boxes: an address or a data URI of a picture that is stretched over the map. */
  readonly image?: string;
}

/**
 * What one patch of a stage looks at: the box of every map that it works on, each map stretched to the size of the picture. Between what is
 * read (blue) and what is made (orange) lies the halo.
 *
 * @param stage position in the plan's stages
 * @returns one SVG document
 * @throws PatchInferError OPTION for a stage or a patch that the plan does not have
 */
export function patchPicture(model: Model, plan: Plan, stage: number, options: PatchPictureOptions = {}): string {
  const network = networkOf(model);
  const own = plan.stages[stage];
  if (own === undefined) {
    throw new PatchInferError("OPTION", `stage: expected 0 to ${plan.stages.length - 1}, got ${stage}`);
  }
  const { rows, columns } = own.grid;
  const { row = Math.floor((rows - 1) / 2), column = Math.floor((columns - 1) / 2) } = options;
  const patch = patchesOf(network, own).find((each) => each.row === row && each.column === column);
  if (patch === undefined) {
    throw new PatchInferError(
      "OPTION",
      `row and column: expected a patch of ${rows} x ${columns}, got ${row}, ${column}`,
    );
  }
  const output = madeBy(network, own);
  const maps = mapsOf(network, { ...own, output }, patch);
  const read = maps.filter(({ isRead }) => isRead);
  const shape = network.maps[read[0]?.name ?? output] as FeatureMap;
  const { width = 420, height = Math.round((width - 24) * (shape.height / shape.width)) + 76 } = options;
  const { title = `Patch ${row}, ${column} of ${rows} x ${columns}`, image } = options;
  const frame = frameOf({ ...options, width, height }, 20);
  const room = { width: frame.width - 24, height: frame.height - 76 };
  const scale = Math.min(room.width / shape.width, room.height / shape.height);
  const size = { width: scale * shape.width, height: scale * shape.height };
  const corner = { x: 12 + (room.width - size.width) / 2, y: 34 };
  const boxes = maps.map(({ name, isRead, down, across, cells }) => {
    const [top, bottom] = [down.start, down.end].map((share) => corner.y + share * size.height) as [number, number];
    const [left, right] = [across.start, across.end].map((share) => corner.x + share * size.width) as [number, number];
    const isOutput = name === output;
    return element(
      "rect",
      {
        class: isOutput ? "pc-line2" : "pc-line1",
        "stroke-opacity": isRead || isOutput ? undefined : "0.35",
        ...{ x: left, y: top, width: right - left, height: bottom - top },
      },
      element("title", {}, textOf(`${name}: ${cells}`)),
    );
  });
  const reads = `reads ${read.map(({ name, cells }) => `${cells} of ${printable(name)}`).join(", ")}`;
  const makes = `makes ${maps.at(-1)?.cells} of ${printable(output)}`;
  const description = options.description ?? `One patch ${reads} and ${makes}`;
  return chart(
    frame,
    { title, description },
    image === undefined
      ? ""
      : element("image", { href: image, ...corner, ...size, preserveAspectRatio: "none", opacity: "0.8" }),
    element("rect", { class: "pc-axis", fill: "none", ...corner, ...size }),
    ...boxes,
    label(12, frame.height - 22, shorten(reads, (frame.width - 24) / 6.3), { class: "pc-quiet" }),
    label(12, frame.height - 6, shorten(makes, (frame.width - 24) / 6.3), { class: "pc-quiet" }),
  );
}

function patchesOf(network: Network, { first, end, grid, overlap }: Stage): PatchBox[] {
  return patchBoxes(network, { first, split: end, grid, overlap });
}

/** What each patch makes its part of: the stage's output, or what a pooling over all patches at its end reads. */
function madeBy({ layers }: Network, { end, output, steps }: Stage): string {
  return steps.at(-1)?.sums === undefined ? output : (layers[end - 1]?.inputs[0] ?? output);
}

interface ShownMap {
  readonly name: string;
  /** Made outside the stage. */
  readonly isRead: boolean;
  /** As shares of the map's size. */
  readonly down: Interval;
  readonly across: Interval;
  readonly cells: string;
}

/** What is read, then what is made, the output last. */
function mapsOf({ layers, maps }: Network, { first, end, output }: Stage, patch: PatchBox): ShownMap[] {
  const made = new Set(layers.slice(first, end).map((layer) => layer.output));
  const rank = ({ name, isRead }: ShownMap): number => (isRead ? 0 : name === output ? 2 : 1);
  return Object.entries(patch.maps)
    .filter(([name]) => name === output || name !== layers[end - 1]?.output)
    .map(
      ([
        name,
        {
          stored: { rows, columns },
        },
      ]): ShownMap => {
        const { height, width } = maps[name] as FeatureMap;
        const share = ({ start, end: stop }: Interval, size: number): Interval => ({
          start: start / size,
          end: stop / size,
        });
        const cells = `${rows.end - rows.start} x ${columns.end - columns.start} of ${height} x ${width}`;
        return { name, isRead: !made.has(name), down: share(rows, height), across: share(columns, width), cells };
      },
    )
    .sort((a, b) => rank(a) - rank(b));
}
