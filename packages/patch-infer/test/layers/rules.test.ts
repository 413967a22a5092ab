import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Interval, clip, isEmpty } from "../../src/base/interval.ts";
import { isLocal, layerRules, mapsOf, ruleOf } from "../../src/layers/rules.ts";
import type { Axis } from "../../src/layers/rule.ts";
import type { Layer } from "../../src/network/layer.ts";
import type { FeatureMap, Network } from "../../src/network/network.ts";
import { networks } from "../../src/testing/arbitraries.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";
import { reads } from "./reads.ts";

const axes: readonly Axis[] = ["rows", "columns"];
const sizeOf = (map: FeatureMap, axis: Axis): number => (axis === "rows" ? map.height : map.width);

function only(build: (net: NetworkBuilder) => string): { layer: Layer; network: Network } {
  const net = new NetworkBuilder();
  const network = net.build([build(net)]);
  return { layer: network.layers.at(-1) as Layer, network };
}

describe("demand", () => {
  const of = (build: (net: NetworkBuilder) => string, output: Interval, index = 0): Interval | null => {
    const { layer, network } = only(build);
    return ruleOf(layer).demand(layer, index, "rows", output, mapsOf(network, layer));
  };

  test("windows reach into their padding", () => {
    const same = (net: NetworkBuilder) => net.conv(net.input(16, 16, 1), 1, { kernel: 3, stride: 2 });
    expect(of(same, { start: 0, end: 8 })).toEqual({ start: 0, end: 17 });
    const torch = (net: NetworkBuilder) => net.conv(net.input(16, 16, 1), 1, { kernel: 3, stride: 2, padding: 1 });
    expect(of(torch, { start: 0, end: 8 })).toEqual({ start: -1, end: 16 });
    const dilated = (net: NetworkBuilder) => net.depthwise(net.input(16, 16, 1), { dilation: 3, padding: 3 });
    expect(of(dilated, { start: 4, end: 6 })).toEqual({ start: 1, end: 9 });
    const pool = (net: NetworkBuilder) =>
      net.pool(net.input(16, 16, 1), "maxPool2d", { kernel: 2, stride: 3, padding: 0 });
    expect(of(pool, { start: 1, end: 3 })).toEqual({ start: 3, end: 8 });
  });

  test("transposed convolutions: gaps between strides demand nothing", () => {
    const net = (n: NetworkBuilder) => n.convTranspose(n.input(5, 5, 1), 1, { kernel: 2, stride: 4 });
    expect(of(net, { start: 4, end: 6 })).toEqual({ start: 1, end: 2 });
    expect(isEmpty(of(net, { start: 2, end: 4 }) as Interval)).toBe(true);
    expect(of(net, { start: 5, end: 9 })).toEqual({ start: 1, end: 3 });
  });

  test("a map of one cell is read again for every cell", () => {
    const build = (n: NetworkBuilder) => {
      const x = n.input(6, 6, 2);
      return n.binary(x, n.input(1, 1, 2, "gate"), "mul");
    };
    expect(of(build, { start: 2, end: 5 }, 0)).toEqual({ start: 2, end: 5 });
    expect(of(build, { start: 2, end: 5 }, 1)).toEqual({ start: 0, end: 1 });
  });

  test("moves", () => {
    const concat = (n: NetworkBuilder) => n.concat([n.input(4, 6, 2, "a"), n.input(3, 6, 2, "b")], 0);
    expect(of(concat, { start: 2, end: 6 }, 0)).toEqual({ start: 2, end: 4 });
    expect(of(concat, { start: 2, end: 6 }, 1)).toEqual({ start: 0, end: 2 });
    expect(isEmpty(of(concat, { start: 0, end: 4 }, 1) as Interval)).toBe(true);
    expect(of((n) => n.pad(n.input(4, 4, 1), [2, 1, 0], [1, 1, 0]), { start: 0, end: 7 })).toEqual({
      start: -2,
      end: 5,
    });
    expect(of((n) => n.slice(n.input(9, 9, 1), [1, 0, 0], [3, 1, 1]), { start: 1, end: 3 })).toEqual({
      start: 4,
      end: 8,
    });
    expect(of((n) => n.depthToSpace(n.input(4, 4, 8), 2), { start: 1, end: 5 })).toEqual({ start: 0, end: 3 });
    expect(of((n) => n.spaceToDepth(n.input(8, 8, 1), 2), { start: 1, end: 3 })).toEqual({ start: 2, end: 6 });
    expect(of((n) => n.resize(n.input(4, 4, 1), 8, 8, "nearest"), { start: 1, end: 4 })).toEqual({ start: 0, end: 2 });
    expect(of((n) => n.resize(n.input(4, 4, 1), 8, 8, "linear"), { start: 1, end: 4 })).toEqual({ start: 0, end: 3 });
  });

  test("unseen edges: a resize goes on with its slope", () => {
    const { layer, network } = only((n) => n.resize(n.input(4, 4, 1), 8, 8, "nearest"));
    const demand = (start: number, end: number): Interval | null =>
      ruleOf(layer).demand(layer, 0, "rows", { start, end }, mapsOf(network, layer));
    expect(demand(-2, 2)).toEqual({ start: -1, end: 1 });
    expect(demand(6, 10)).toEqual({ start: 3, end: 5 });
  });

  test("layers that need the whole image", () => {
    expect(of((n) => n.globalPool(n.input(4, 4, 2)), { start: 0, end: 1 })).toBeNull();
    expect(of((n) => n.transpose(n.input(4, 4, 2), [1, 0, 2]), { start: 0, end: 1 })).toBeNull();
    expect(of((n) => n.transpose(n.input(4, 5, 2), [0, 2, 1]), { start: 1, end: 2 })).toEqual({ start: 1, end: 2 });
  });
});

test("every layer of random networks: the demand holds what single positions read, and no more", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(networks({ maxSize: 14 }), fc.nat(), fc.nat(), (network, a, b) => {
      for (const layer of network.layers) {
        kinds.add(layer.kind);
        const maps = mapsOf(network, layer);
        for (const axis of axes) {
          const size = sizeOf(maps.output, axis);
          const [start, last] = [a % size, b % size].sort((x, y) => x - y) as [number, number];
          layer.inputs.forEach((_, index) => {
            const all = Array.from({ length: last + 1 - start }, (_, i) =>
              reads(layer, index, axis, start + i, maps),
            ).flat();
            const demand = ruleOf(layer).demand(layer, index, axis, { start, end: last + 1 }, maps);
            const input = maps.inputs[index] as FeatureMap;
            if (demand === null) {
              expect(new Set(all).size).toBe(sizeOf(input, axis));
              return;
            }
            const clipped = clip(demand, sizeOf(input, axis));
            // A window may have a tap far outside and the next one far inside: the demand is then larger by what lies between
            // the image's edge and that tap.
            const i = axis === "rows" ? 0 : 1;
            const exact = !("kernel" in layer) || (layer.dilations[i] === 1 && layer.strides[i] <= layer.kernel[i]);
            if (all.length > 0) {
              const hull = { start: Math.min(...all), end: Math.max(...all) + 1 };
              const least = exact || layer.kind === "convTranspose2d";
              const fits = clipped.start <= hull.start && clipped.end >= hull.end;
              if (!fits || (least && clipped.end - clipped.start !== hull.end - hull.start))
                expect([layer.kind, clipped]).toEqual([layer.kind, hull]);
            } else if (exact && !isEmpty(clipped)) {
              expect([layer.kind, clipped]).toBe("empty");
            }
          });
        }
      }
    }),
    { seed: 3, numRuns: 150 },
  );
  expect([...kinds].sort()).toEqual(Object.keys(layerRules).sort());
});

describe("work", () => {
  test("is the number of products, taps in padding included", () => {
    fc.assert(
      fc.property(networks({ maxSize: 10, types: ["float32"] }), (network) => {
        for (const layer of network.layers) {
          const maps = mapsOf(network, layer);
          const rule = ruleOf(layer);
          const whole = (axis: Axis): number => rule.work(layer, axis, { start: 0, end: sizeOf(maps.output, axis) });
          const macs = rule.unit(layer, maps) * whole("rows") * whole("columns");
          const { height, width, channels } = maps.output;
          const [input] = maps.inputs as [FeatureMap];
          if (layer.kind === "conv2d") {
            const taps = layer.kernel[0] * layer.kernel[1] * (input.channels / layer.groups);
            expect(macs).toBe(height * width * channels * taps);
            expect(layer.weights.length).toBe(channels * taps);
          } else if (layer.kind === "depthwiseConv2d") {
            expect(macs).toBe(height * width * channels * layer.kernel[0] * layer.kernel[1]);
          } else if (layer.kind !== "convTranspose2d") {
            expect(macs).toBe(0);
          }
        }
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test("of a transposed convolution is that of its adjoint, input cells times taps, but for taps that leave the image", () => {
    const { layer, network } = only((n) => n.convTranspose(n.input(5, 7, 4), 6, { kernel: 2, stride: 2 }));
    const rule = ruleOf(layer);
    const macs = rule.work(layer, "rows", { start: 0, end: 10 }) * rule.work(layer, "columns", { start: 0, end: 14 });
    expect(rule.unit(layer, mapsOf(network, layer)) * macs).toBe(5 * 7 * 4 * 6 * 2 * 2);
    // Kernel 3: each inner row of the output is made by one or two products per column, in turn.
    const { layer: wide } = only((n) => n.convTranspose(n.input(5, 7, 4), 6, { kernel: 3, stride: 2, padding: 1 }));
    const counts = [0, 1, 2, 3].map((start) => ruleOf(wide).work(wide, "rows", { start, end: start + 1 }));
    expect(counts).toEqual([1, 2, 1, 2]);
    expect(ruleOf(wide).work(wide, "rows", { start: 0, end: 4 })).toBe(6);
  });
});

test("jump is how far demands move", () => {
  const jumps = (build: (net: NetworkBuilder) => string): number[] => {
    const { layer, network } = only(build);
    return axes.map((axis) => ruleOf(layer).jump(layer, axis, mapsOf(network, layer)));
  };
  expect(jumps((n) => n.conv(n.input(9, 9, 1), 1, { kernel: 3, stride: [2, 3] }))).toEqual([2, 3]);
  expect(jumps((n) => n.depthwise(n.input(9, 9, 1), { stride: 2 }))).toEqual([2, 2]);
  expect(jumps((n) => n.pool(n.input(9, 9, 1), "averagePool2d", { kernel: 2, stride: 2 }))).toEqual([2, 2]);
  expect(jumps((n) => n.convTranspose(n.input(4, 4, 1), 1, { kernel: 4, stride: [4, 2] }))).toEqual([0.25, 0.5]);
  expect(jumps((n) => n.resize(n.input(4, 6, 1), 8, 9, "linear"))).toEqual([0.5, 2 / 3]);
  expect(jumps((n) => n.depthToSpace(n.input(4, 4, 4), 2))).toEqual([0.5, 0.5]);
  expect(jumps((n) => n.spaceToDepth(n.input(4, 4, 1), 2))).toEqual([2, 2]);
  expect(jumps((n) => n.slice(n.input(9, 9, 1), [0, 0, 0], [2, 3, 1]))).toEqual([2, 3]);
  expect(jumps((n) => n.unary(n.input(4, 4, 1)))).toEqual([1, 1]);
  expect(jumps((n) => n.pad(n.input(4, 4, 1), [1, 1, 0], [0, 0, 0]))).toEqual([1, 1]);
});

test("local layers", () => {
  const local = (build: (net: NetworkBuilder) => string): boolean => {
    const { layer, network } = only(build);
    return isLocal(layer, mapsOf(network, layer));
  };
  expect(local((n) => n.conv(n.input(4, 4, 1), 1, { kernel: 3 }))).toBe(true);
  expect(local((n) => n.concat([n.input(4, 4, 1), n.input(4, 4, 1, "b")], 2))).toBe(true);
  expect(local((n) => n.transpose(n.input(4, 4, 2), [0, 1, 2]))).toBe(true);
  expect(local((n) => n.transpose(n.input(4, 2, 2), [0, 2, 1]))).toBe(false);
  expect(local((n) => n.transpose(n.input(4, 4, 2), [1, 0, 2]))).toBe(false);
  expect(local((n) => n.globalPool(n.input(4, 4, 2)))).toBe(false);
});
