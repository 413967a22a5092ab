import { type Tensor, HostTensor, resize2d, spec, trace } from "@parsimony/core-tensor";
import { expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { expectSame } from "./compare.ts";

// Tables of resampling against core-tensor's op, on many sizes.

const coordinateModes = [
  "half_pixel",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "half_pixel_symmetric",
] as const;
const nearestModes = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;

test.each(coordinateModes)("%s", (coordinateMode) => {
  for (const [from, to] of [
    [1, 1],
    [1, 4],
    [2, 1],
    [3, 2],
    [4, 8],
    [5, 7],
    [6, 15],
    [7, 3],
    [8, 4],
    [9, 10],
  ] as const) {
    for (const mode of ["linear", ...nearestModes] as const) {
      const options =
        mode === "linear" ? { mode, coordinateMode } : { mode: "nearest" as const, coordinateMode, nearestMode: mode };
      const graph = trace(({ x }: { x: Tensor }) => ({ y: resize2d(x, [to, from], options) }), {
        x: spec([1, 2, from, to], "float32"),
      });
      const numbers = Float32Array.from({ length: 2 * from * to }, (_, i) => Math.sin(i * 7));
      const network = toNetwork(graph);
      expectSame(
        network,
        graph,
        { x: new HostTensor("float32", [1, 2, from, to], numbers) },
        mode === "linear" ? 1e-6 : 0,
      );
      expect(network.layers.length).toBeLessThanOrEqual(1);
    }
  }
});
