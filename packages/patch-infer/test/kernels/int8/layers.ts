import fc from "fast-check";
import type { Box } from "../../../src/base/interval.ts";
import type { Binary, Clamp, Layer, Requantization } from "../../../src/network/layer.ts";
import type { FeatureMap } from "../../../src/network/network.ts";
import { quantizeMultiplier } from "../../../src/network/fixedPoint.ts";
import {
  additionRequantization,
  fixedResizeAxis,
  meanRequantization,
  multiplicationRequantization,
  requantizationOf,
  sumRequantization,
} from "../../../src/network/quantization.ts";
import { boxes, highWindows, outputSize, wideWindows, windows } from "../randomLayers.ts";

/** A layer with the maps around it and a box of its output. */
export interface Int8Case {
  readonly layer: Layer;
  readonly maps: readonly FeatureMap[];
  readonly box: Box;
  readonly seed: number;
}

export function codeMap(
  name: string,
  sizes: readonly [number, number, number],
  scale = 0.05,
  zeroPoint = 0,
): FeatureMap {
  const [height, width, channels] = sizes;
  return { name, height, width, channels, type: "int8", scale, zeroPoint };
}

/** Seeded codes from -128 to 127 (or -127: weights). */
export function randomCodes(size: number, seed: number, least = -128): Int8Array {
  let state = (seed * 2654435761 + 99) >>> 0;
  return Int8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return least + Math.floor((state / 2 ** 32) * (128 - least));
  });
}

export function randomBias(size: number, seed: number): Int32Array {
  return Int32Array.from(randomCodes(size, seed), (code) => code * 37);
}

const clamps: fc.Arbitrary<Clamp> = fc.constantFrom(
  { min: -128, max: 127 },
  { min: -128, max: 127 },
  { min: -20, max: 90 },
);
const zeroPoints = fc.constantFrom(-128, 0, 3, -77, 127);

function between(most: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: most });
}

/** Sums of about the size of `terms` products to codes; per channel another factor, in some cases a very large or small one. */
function requantization(channels: number, terms: number, seed: number): Requantization {
  const typical = 1 / (40 * 73 * Math.sqrt(terms));
  const scales = Array.from(randomCodes(channels, seed), (code) => typical * 2 ** (code / 64));
  const odd = seed % 7;
  if (odd === 1) scales[0] = 1.7;
  if (odd === 2) scales[channels - 1] = typical / 2 ** 20;
  if (odd === 3) scales[0] = 2 ** -18;
  if (odd === 4) scales[0] = 0;
  return requantizationOf(1, scales, 1);
}

function withBox(build: fc.Arbitrary<Omit<Int8Case, "box">>): fc.Arbitrary<Int8Case> {
  return build.chain((made) => boxes(made.maps.at(-1) as FeatureMap).map((box) => ({ ...made, box })));
}

const base = { name: "layer", inputs: ["in"], output: "out" };

export const convolutions: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(windows, fc.constantFrom(1, 1, 1, 2, 3), between(19), between(20), clamps, zeroPoints, fc.nat(1000))
    .map(([{ height, width, ...window }, groups, inputs, outputs, clamp, zeroPoint, seed]) => {
      const [rows, columns] = outputSize({ height, width, ...window });
      const channels = outputs * groups;
      const terms = window.kernel[0] * window.kernel[1] * inputs;
      return {
        layer: {
          kind: "conv2d" as const,
          ...base,
          ...window,
          groups,
          weights: randomCodes(channels * terms, seed, -127),
          bias: randomBias(channels, seed + 1),
          clamp,
          requantization: requantization(channels, terms, seed),
        },
        maps: [
          codeMap("in", [height, width, inputs * groups], 0.05, zeroPoint),
          codeMap("out", [rows, columns, channels], 0.1, -zeroPoint - 1),
        ],
        seed,
      };
    }),
);

/** 1 x 1 with many channels, as most of a network's work is. */
export const pointwise: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(between(7), between(9), between(70), between(40), zeroPoints, fc.nat(1000))
    .map(([height, width, inputs, outputs, zeroPoint, seed]) => ({
      layer: {
        kind: "conv2d" as const,
        ...base,
        kernel: [1, 1] as const,
        strides: [1, 1] as const,
        dilations: [1, 1] as const,
        padBefore: [0, 0] as const,
        padAfter: [0, 0] as const,
        groups: 1,
        weights: randomCodes(outputs * inputs, seed, -127),
        bias: randomBias(outputs, seed + 1),
        clamp: { min: -128, max: 127 },
        requantization: requantization(outputs, inputs, seed),
      },
      maps: [
        codeMap("in", [height, width, inputs], 0.05, zeroPoint),
        codeMap("out", [height, width, outputs], 0.1, -zeroPoint - 1),
      ],
      seed,
    })),
);

function depthwiseOver(over: typeof windows, mostChannels: number): fc.Arbitrary<Int8Case> {
  return withBox(
    fc
      .tuple(over, fc.constantFrom(1, 1, 1, 2, 3), between(mostChannels), clamps, zeroPoints, fc.nat(1000))
      .map(([{ height, width, ...window }, depthMultiplier, inputs, clamp, zeroPoint, seed]) => {
        const [rows, columns] = outputSize({ height, width, ...window });
        const channels = inputs * depthMultiplier;
        const terms = window.kernel[0] * window.kernel[1];
        return {
          layer: {
            kind: "depthwiseConv2d" as const,
            ...base,
            ...window,
            depthMultiplier,
            weights: randomCodes(channels * terms, seed, -127),
            bias: randomBias(channels, seed + 1),
            clamp,
            requantization: requantization(channels, terms, seed),
          },
          maps: [
            codeMap("in", [height, width, inputs], 0.05, zeroPoint),
            codeMap("out", [rows, columns, channels], 0.1, -zeroPoint - 1),
          ],
          seed,
        };
      }),
  );
}

export const depthwiseConvolutions: fc.Arbitrary<Int8Case> = depthwiseOver(windows, 37);

export const highDepthwise: fc.Arbitrary<Int8Case> = depthwiseOver(highWindows, 70);

/** Wide images with many channels. */
export const wideDepthwise: fc.Arbitrary<Int8Case> = depthwiseOver(wideWindows, 70);

/** 3 x 3 as networks have them, which the compiled kernels do in their own way. */
export const squareDepthwise: fc.Arbitrary<Int8Case> = withBox(
  fc
    .record({
      size: fc.tuple(between(9), between(13), between(37)),
      strides: fc.tuple(between(3), between(2)),
      padBefore: fc.tuple(fc.nat(2), fc.nat(3)),
      padAfter: fc.tuple(fc.constantFrom(2, 3), fc.constantFrom(2, 3)),
      clamp: clamps,
      zeroPoint: zeroPoints,
      seed: fc.nat(1000),
    })
    .map(({ size, strides, padBefore, padAfter, clamp, zeroPoint, seed }) => {
      const [height, width, channels] = size;
      const window = { kernel: [3, 3] as const, strides, dilations: [1, 1] as const, padBefore, padAfter };
      const [rows, columns] = outputSize({ height, width, ...window });
      return {
        layer: {
          kind: "depthwiseConv2d" as const,
          ...base,
          ...window,
          depthMultiplier: 1,
          weights: randomCodes(channels * 9, seed, -127),
          bias: randomBias(channels, seed + 1),
          clamp,
          requantization: requantization(channels, 9, seed),
        },
        maps: [codeMap("in", size, 0.05, zeroPoint), codeMap("out", [rows, columns, channels], 0.1, -zeroPoint - 1)],
        seed,
      };
    }),
);

export const transposedConvolutions: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(windows, fc.constantFrom(1, 1, 2, 3), between(9), between(12), clamps, zeroPoints, fc.nat(1000))
    .map(([{ height, width, ...window }, groups, inputs, outputs, clamp, zeroPoint, seed]) => {
      const { kernel, strides, dilations, padBefore, padAfter } = window;
      const size = (axis: 0 | 1, count: number): number =>
        Math.max(
          1,
          (count - 1) * strides[axis] - padBefore[axis] - padAfter[axis] + (kernel[axis] - 1) * dilations[axis] + 1,
        );
      const channels = outputs * groups;
      const terms = kernel[0] * kernel[1] * inputs;
      return {
        layer: {
          kind: "convTranspose2d" as const,
          ...base,
          ...window,
          groups,
          weights: randomCodes(channels * terms, seed, -127),
          bias: randomBias(channels, seed + 1),
          clamp,
          requantization: requantization(channels, terms, seed),
        },
        maps: [
          codeMap("in", [height, width, inputs * groups], 0.05, zeroPoint),
          codeMap("out", [size(0, height), size(1, width), channels], 0.1, -zeroPoint - 1),
        ],
        seed,
      };
    }),
);

export const pools: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(windows, fc.constantFrom("max", "mean", "meanWithPad"), between(37), clamps, zeroPoints, fc.nat(1000))
    .map(([{ height, width, ...window }, which, channels, clamp, zeroPoint, seed]) => {
      const [rows, columns] = outputSize({ height, width, ...window });
      const shared = { ...base, ...window, clamp };
      return {
        layer:
          which === "max"
            ? { kind: "maxPool2d" as const, ...shared }
            : { kind: "averagePool2d" as const, ...shared, countIncludePad: which === "meanWithPad" },
        maps: [
          codeMap("in", [height, width, channels], 0.05, zeroPoint),
          codeMap("out", [rows, columns, channels], 0.05, zeroPoint),
        ],
        seed,
      };
    }),
);

const scales = fc.constantFrom(0.003, 0.0117, 0.05, 0.0832, 1.25);

export const binaries: fc.Arbitrary<Int8Case> = withBox(
  fc
    .record({
      sizes: fc.tuple(between(5), between(6), between(37)),
      fn: fc.constantFrom("add", "sub", "rsub", "mul", "minimum", "maximum"),
      operand: fc.constantFrom("map", "map", "leftCell", "rightCell", "constant", "constants"),
      left: scales,
      right: scales,
      result: scales,
      zeros: fc.tuple(zeroPoints, zeroPoints, zeroPoints),
      clamp: clamps,
      seed: fc.nat(1000),
    })
    .map(({ sizes, fn, operand, left, right, result, zeros, clamp, seed }) => {
      const kept = fn === "minimum" || fn === "maximum";
      const [height, width, channels] = sizes;
      const cell = [1, 1, channels] as const;
      const rightZero = kept ? zeros[0] : zeros[1];
      const resultZero = kept ? zeros[0] : zeros[2];
      const rightScale = kept ? left : right;
      const resultScale = kept ? left : result;
      const constant = operand === "constant" || operand === "constants";
      const requantization =
        fn === "mul" ? multiplicationRequantization(left, right, result) : additionRequantization(left, right, result);
      const layer: Binary = {
        kind: "binary",
        ...base,
        inputs: constant ? ["in"] : ["in", "other"],
        fn: fn as Binary["fn"],
        clamp,
        ...(kept ? {} : { requantization }),
        ...(constant
          ? {
              constant: randomCodes(operand === "constant" ? 1 : channels, seed + 5),
              constantScale: rightScale,
              constantZeroPoint: rightZero,
            }
          : {}),
      };
      return {
        layer,
        maps: [
          codeMap("in", operand === "leftCell" ? cell : sizes, left, zeros[0]),
          ...(constant ? [] : [codeMap("other", operand === "rightCell" ? cell : sizes, rightScale, rightZero)]),
          codeMap("out", [height, width, channels], resultScale, resultZero),
        ],
        seed,
      };
    }),
);

export const tables: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(between(5), between(6), between(37), fc.boolean(), fc.nat(1000))
    .map(([height, width, channels, perChannel, seed]) => ({
      layer: {
        kind: "unary" as const,
        ...base,
        fn: "leakyRelu" as const,
        clamp: { min: -128, max: 127 },
        table: randomCodes(perChannel ? 256 * channels : 256, seed),
      },
      maps: [codeMap("in", [height, width, channels]), codeMap("out", [height, width, channels])],
      seed,
    })),
);

export const globals: fc.Arbitrary<Int8Case> = fc
  .tuple(between(7), between(6), between(37), fc.constantFrom("mean", "sum", "max"), scales, zeroPoints, fc.nat(1000))
  .map(([height, width, channels, fn, scale, zeroPoint, seed]) => ({
    layer: {
      kind: "globalPool" as const,
      ...base,
      fn: fn as "mean" | "sum" | "max",
      clamp: { min: -128, max: 127 },
      ...(fn === "mean" ? { requantization: meanRequantization(0.05, scale, height * width) } : {}),
      ...(fn === "sum" ? { requantization: sumRequantization(0.05, 40 * scale) } : {}),
    },
    maps: [
      codeMap("in", [height, width, channels], 0.05, zeroPoint),
      codeMap("out", [1, 1, channels], fn === "max" ? 0.05 : scale, fn === "max" ? zeroPoint : -5),
    ],
    box: { rows: { start: 0, end: 1 }, columns: { start: 0, end: 1 } },
    seed,
  }));

export const resizes: fc.Arbitrary<Int8Case> = withBox(
  fc
    .tuple(between(6), between(6), between(13), between(12), between(37), fc.boolean(), fc.boolean(), fc.nat(1000))
    .map(([height, width, rows, columns, channels, alignCorners, halfPixelCenters, seed]) => ({
      layer: {
        kind: "resize2d" as const,
        ...base,
        mode: "linear" as const,
        rows: fixedResizeAxis(height, rows, { alignCorners, halfPixelCenters }),
        columns: fixedResizeAxis(width, columns, { alignCorners, halfPixelCenters }),
      },
      maps: [codeMap("in", [height, width, channels]), codeMap("out", [rows, columns, channels])],
      seed,
    })),
);

/** Factors of one, to look at sums: codes are sums that were clamped. */
export function unscaled(channels: number): Requantization {
  const { multiplier, shift } = quantizeMultiplier(1);
  return {
    multiplier: new Int32Array(channels).fill(multiplier),
    shift: new Int32Array(channels).fill(shift),
  };
}
