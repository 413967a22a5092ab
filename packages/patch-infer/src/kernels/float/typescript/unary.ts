import type { LayerMaps } from "../../../layers/rule.ts";
import type { Unary, UnaryFunction } from "../../../network/layer.ts";
import type { Region } from "../../kernels.ts";
import type { KernelMemory } from "../../memory.ts";
import { rowPosition } from "../../position.ts";
import type { PreparedLayer } from "../../table.ts";
import { clamped } from "./clamp.ts";

/**
 * Functions of one number, as JavaScript computes them in double precision; the result is rounded to float32. The standard
 * leaves the last bits of exp, log and tanh (and of what is made from them) to the JavaScript engine, so these functions
 * may differ in the last bit of a float32 between machines; between the kernels of one machine they don't.
 */
export const unaryFunctions: Readonly<Record<Exclude<UnaryFunction, "clamp" | "leakyRelu">, (x: number) => number>> = {
  abs: Math.abs,
  neg: (x) => -x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  // In float32 steps, so that other languages can do the same.
  hardSwish: (x) => Math.fround(x * clamped(Math.fround(x + 3), { min: 0, max: 6 })) / 6,
  silu: (x) => x / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0),
  floor: Math.floor,
};

export function unary({ fn, clamp, slope }: Unary, { output }: LayerMaps, memory: KernelMemory): PreparedLayer {
  const { channels } = output;
  const bounds = { min: Math.fround(clamp.min), max: Math.fround(clamp.max) };
  const slopes = slope ?? Float32Array.of(0);
  const slopeStep = slopes.length === 1 ? 0 : 1;
  const apply =
    fn === "clamp"
      ? (x: number): number => clamped(x, bounds)
      : fn === "leakyRelu"
        ? (x: number, c: number): number => (x < 0 ? x * (slopes[c * slopeStep] as number) : x)
        : unaryFunctions[fn];
  return {
    run: ({ rowStart, rowEnd, columnStart, columnEnd, inputs: regions, output: outputRegion }) => {
      const { floats, arenaStart } = memory;
      for (let y = rowStart; y < rowEnd; y++) {
        const from = rowPosition(regions[0] as Region, y, channels, 4, arenaStart);
        const to = rowPosition(outputRegion, y, channels, 4, arenaStart);
        for (let x = columnStart; x < columnEnd; x++) {
          for (let c = 0; c < channels; c++) {
            floats[to + x * channels + c] = apply(floats[from + x * channels + c] as number, c);
          }
        }
      }
    },
  };
}
