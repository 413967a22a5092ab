import { type ChartOptions, axisScale, chart, element, frameOf, textOf, xAxis, yAxis } from "@parsimony/charts";
import type { BufferRole, Plan } from "../plan/plan.ts";
import { axisUnit, bytesText } from "./text.ts";

const looks: { readonly [Role in BufferRole]: { readonly fill: string; readonly name: string } } = {
  map: { fill: "pc-fill1", name: "whole maps" },
  patch: { fill: "pc-fill2", name: "parts of maps" },
  lines: { fill: "pc-fill3", name: "kept rows" },
  scratch: { fill: "pc-fill4", name: "scratch" },
  sums: { fill: "pc-fill5", name: "running sums" },
};

/**
 * The arena over time: each buffer is a rectangle, as wide as it is alive (in steps) and as high as its bytes, at its offset. Two of
 * them never overlap, except where one takes over the bytes of another.
 *
 * @returns one SVG document
 */
export function arenaChart(plan: Plan, options: ChartOptions = {}): string {
  const { title = "The arena over time" } = options;
  const roles = (Object.keys(looks) as BufferRole[]).filter((role) =>
    plan.buffers.some((buffer) => buffer.role === role),
  );
  const legend = roles.map((role) => ({ name: looks[role].name, dot: looks[role].fill, shape: "square" as const }));
  const frame = frameOf(options, 48, legend);
  const last = plan.moments.length;
  const x = axisScale("arenaChart", { to: last }, [0, last], [frame.left, frame.right], 6);
  const { unit, name: unitName } = axisUnit(plan.arenaBytes);
  const y = axisScale("arenaChart", {}, [0, plan.arenaBytes / unit], [frame.bottom, frame.top]);
  const rectangles = plan.buffers.map(({ name, role, bytes, offset, first, last: end }) =>
    element(
      "rect",
      {
        class: looks[role].fill,
        "fill-opacity": "0.75",
        // A thin line of the paper's colour between neighbours.
        stroke: "currentColor",
        "stroke-opacity": "0.35",
        "stroke-width": "0.5",
        x: x.at(first),
        y: y.at((offset + bytes) / unit),
        width: Math.max(0.5, x.at(end + 1) - x.at(first)),
        height: Math.max(0.5, y.at(offset / unit) - y.at((offset + bytes) / unit)),
      },
      element("title", {}, textOf(`${name}: ${bytesText(bytes)} at ${offset}, steps ${first} to ${end}`)),
    ),
  );
  return chart(
    frame,
    {
      title,
      description:
        options.description ?? `${plan.buffers.length} buffers in ${bytesText(plan.arenaBytes)} over ${last} steps`,
      legend,
    },
    yAxis(frame, y, `address in ${unitName}`),
    ...rectangles,
    xAxis(frame, x, "step"),
  );
}
