import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Network } from "../../src/network/network.ts";
import { patchBoxes } from "../../src/plan/patchBoxes.ts";
import { planLayers, planPatches } from "../../src/plan/planStages.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

/** Boxes and counts found by following single positions through boolean masks: fixtures/plan/make.py. */
interface Case {
  size: [number, number, number];
  layers: LayerRow[];
  macs: number;
  grids: {
    grid: [number, number];
    rows: Record<string, [number, number][]>;
    columns: Record<string, [number, number][]>;
    macs: number;
    virtualMacs: number;
  }[];
}

interface LayerRow {
  op: "conv" | "depthwise" | "pool" | "add";
  name: string;
  inputs: string[];
  channels: number;
  groups: number;
  kernel: number;
  stride: number;
  before: number;
  after: number;
}

const cases = JSON.parse(readFileSync(new URL("../fixtures/plan/boxes.json", import.meta.url), "utf8")) as Record<
  string,
  Case
>;

test.each(Object.entries(cases))(
  "%s: boxes and work of an independent count",
  (_name, { size, layers, macs, grids }) => {
    const { network, names } = networkOf(size, layers);
    expect(planLayers(network).macs.network).toBe(macs);
    for (const { grid, rows, columns, macs: clipped, virtualMacs } of grids) {
      const [down, across] = grid;
      const options = { split: layers.length, grid: { rows: down, columns: across } };
      const plan = planPatches(network, options);
      expect([grid, plan.macs.plan, plan.macs.virtual]).toEqual([grid, clipped, virtualMacs]);
      for (const { row, column, maps } of patchBoxes(network, options)) {
        for (const [name, map] of names) {
          const { stored } = maps[map] ?? { stored: undefined };
          expect([name, row, column, stored?.rows.start, stored?.rows.end]).toEqual([
            name,
            row,
            column,
            ...(rows[name]?.[row] ?? []),
          ]);
          expect([name, stored?.columns.start, stored?.columns.end]).toEqual([
            name,
            ...(columns[name]?.[column] ?? []),
          ]);
        }
      }
    }
  },
);

function networkOf(
  [height, width, channels]: Case["size"],
  layers: LayerRow[],
): { network: Network; names: Map<string, string> } {
  const net = new NetworkBuilder();
  const names = new Map([["image", net.input(height, width, channels)]]);
  for (const { op, name, inputs, channels: outputs, groups, kernel, stride, before, after } of layers) {
    const [x = "", y = ""] = inputs.map((input) => names.get(input) ?? "");
    const options = { kernel, stride, groups, padding: [before, before, after, after] as const, name };
    const made = {
      conv: () => net.conv(x, outputs, options),
      depthwise: () => net.depthwise(x, options),
      pool: () => net.pool(x, "maxPool2d", options),
      add: () => net.binary(x, y),
    }[op]();
    names.set(name, made);
  }
  return { network: net.build([names.get(layers.at(-1)?.name ?? "") ?? ""]), names };
}
