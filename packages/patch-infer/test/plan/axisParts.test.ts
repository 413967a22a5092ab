import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Interval, interval } from "../../src/base/interval.ts";
import type { Network } from "../../src/network/network.ts";
import { type AxisWalk, cut, partsOf, unclippedNeeds, walkAxis } from "../../src/plan/axisParts.ts";
import { factsOf } from "../../src/plan/facts.ts";
import type { AxisParts } from "../../src/plan/plan.ts";
import { mobileNetV2Network } from "../nets/mobileNetV2.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

/** Two convolutions of kernel 3 over 16 cells: stride 2, then stride 1, padding as TFLite's SAME. */
function twoConvolutions(): Network {
  const net = new NetworkBuilder();
  const mid = net.conv(net.input(16, 16, 1), 1, { kernel: 3, stride: 2, name: "mid" });
  return net.build([net.conv(mid, 1, { kernel: 3, name: "out" })]);
}

function walk(network: Network, count: number, cached: boolean, end = network.layers.length): AxisWalk {
  return walkAxis(factsOf(network), { first: 0, end, axis: "rows", count, cached });
}

function pieces({ from, to }: AxisParts): [number, number][] {
  return from.map((start, i) => [start, to[i] ?? 0]);
}

describe("cuts", () => {
  test("as equal as can be", () => {
    expect(cut(7, 3)).toEqual([interval(0, 2), interval(2, 4), interval(4, 7)]);
    expect(cut(3, 3)).toEqual([interval(0, 1), interval(1, 2), interval(2, 3)]);
  });
});

describe("recomputed", () => {
  test("two convolutions of 16 cells in two patches", () => {
    const { parts } = walk(twoConvolutions(), 2, false);
    expect(parts.map(pieces)).toEqual([
      [
        [0, 5],
        [3, 8],
      ],
      [
        [0, 4],
        [4, 8],
      ],
    ]);
    const before = patchInput(twoConvolutions(), 2);
    expect(before).toEqual([
      [0, 11],
      [6, 16],
    ]);
  });

  test("the chain of MobileNetV2's first blocks: 7, 15, 17, 35, 37, 75", () => {
    const network = mobileNetV2Network();
    const facts = factsOf(network);
    const end = network.layers.findIndex(({ name }) => name === "block4.project") + 1;
    const needs = unclippedNeeds(facts, { first: 0, end, axis: "rows", output: interval(0, 7) });
    const lengths = ["block4.project", "add0", "block2.project", "block2.expand", "conv1", "image"].map((map) => {
      const { start, end: last } = needs.get(map) as Interval;
      return last - start;
    });
    expect(lengths).toEqual([7, 15, 17, 35, 37, 75]);
  });

  test("a map with several readers gets the hull of what they need", () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.input(12, 12, 2), 2, { name: "x" });
    net.binary(x, net.conv(x, 2, { kernel: 5 }));
    const network = net.build(["add1"]);
    const { parts } = walk(network, 3, false);
    expect(pieces(parts[0] as AxisParts)).toEqual([
      [0, 6],
      [2, 10],
      [6, 12],
    ]);
  });
});

function patchInput(network: Network, count: number): [number, number][] {
  const own = walk(network, count, false);
  const needs = (i: number): Interval => {
    const { from, to } = own.parts[0] as AxisParts;
    const needed = unclippedNeeds(factsOf(network), {
      first: 0,
      end: 1,
      axis: "rows",
      output: interval(from[i] ?? 0, to[i] ?? 0),
    });
    return needed.get("image") as Interval;
  };
  return Array.from({ length: count }, (_, i) => [Math.max(0, needs(i).start), Math.min(16, needs(i).end)]);
}

describe("kept", () => {
  test("two convolutions of 16 cells in four patches", () => {
    const { parts, sizes, work } = walk(twoConvolutions(), 4, true);
    // Patch i has rows 2 i and 2 i + 1 of the output; they need rows 2 i - 1 to 2 i + 2 of the middle.
    expect(parts[0]).toEqual({ from: [0, 1, 3, 5], compute: [0, 3, 5, 7], to: [3, 5, 7, 8] });
    expect(sizes[0]).toEqual({ stored: 4, fresh: 3, kept: 2, end: 8 });
    expect(work).toEqual([8, 8]);
  });

  test("a stride above the kernel leaves rows out, and keeps nothing", () => {
    const net = new NetworkBuilder();
    const mid = net.conv(net.input(9, 9, 1), 1, { name: "mid" });
    const network = net.build([net.conv(mid, 1, { kernel: 1, stride: 3, padding: 0 })]);
    const { parts, sizes } = walk(network, 3, true);
    expect(parts[0]).toEqual({ from: [0, 3, 6], compute: [0, 3, 6], to: [1, 4, 7] });
    expect(sizes[0]).toMatchObject({ stored: 1, kept: 0, end: 7 });
  });

  const parts = (needs: readonly (readonly [number, number])[]): AxisParts =>
    partsOf(
      needs.map(([start, end]) => interval(start, end)),
      true,
    );

  test("rows that no reader needs yet are computed when a later patch needs them", () => {
    expect(
      parts([
        [0, 5],
        [6, 9],
        [3, 12],
      ]),
    ).toEqual({ from: [0, 3, 3], compute: [0, 5, 9], to: [5, 9, 12] });
  });

  test("patches that need nothing keep what later ones need", () => {
    expect(
      parts([
        [0, 4],
        [0, 0],
        [2, 6],
        [0, 0],
      ]),
    ).toEqual({ from: [0, 2, 2, 6], compute: [0, 4, 4, 6], to: [4, 4, 6, 6] });
    expect(
      parts([
        [0, 0],
        [3, 6],
      ]),
    ).toEqual({ from: [0, 3], compute: [0, 3], to: [0, 6] });
    expect(
      parts([
        [0, 0],
        [0, 0],
      ]),
    ).toEqual({ from: [0, 0], compute: [0, 0], to: [0, 0] });
  });

  test("whatever is needed is there, and computed once", () => {
    const needed = fc.array(fc.tuple(fc.nat(12), fc.nat(6)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(needed, (list) => {
        const needs = list.map(([start, size]) => interval(start, start + size));
        const { from, compute, to } = partsOf(needs, true);
        const at = new Set<number>();
        const made = new Set<number>();
        const faults: string[] = [];
        needs.forEach(({ start, end }, i) => {
          for (const p of at) if (p < (from[i] ?? 0) || p >= (to[i] ?? 0)) at.delete(p);
          for (let p = compute[i] ?? 0; p < (to[i] ?? 0); p++) {
            if (made.has(p)) faults.push(`patch ${i} computes ${p} again`);
            made.add(p);
            at.add(p);
          }
          for (let p = start; p < end; p++) if (!at.has(p)) faults.push(`patch ${i} misses ${p}`);
          if (at.size !== (to[i] ?? 0) - (from[i] ?? 0)) faults.push(`patch ${i} stores gaps`);
        });
        expect(faults).toEqual([]);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

test("a stack of m convolutions of kernel 3 and stride 1: layer i from the end does ((T + 2 i) / T) ** 2 of the work", () => {
  const [depth, tile, count] = [4, 6, 5] as const;
  const net = new NetworkBuilder();
  let x = net.input(tile * count, tile * count, 1);
  for (let i = 0; i < depth; i++) x = net.conv(x, 1, { kernel: 3 });
  const { virtualWork } = walk(net.build([x]), count, false);
  virtualWork.forEach((work, layer) => {
    const fromEnd = depth - 1 - layer;
    const share = work / (tile * count);
    expect(share ** 2).toBeCloseTo(((tile + 2 * fromEnd) / tile) ** 2, 12);
  });
});
