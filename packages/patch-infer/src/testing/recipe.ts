import fc from "fast-check";
import type { BinaryFunction, Pair } from "../network/layer.ts";
import type { CellType } from "../network/network.ts";

/** `"same"` and `"valid"` by TFLite's rules, or rows above, columns left, rows below, columns right. */
export type Padding = "same" | "valid" | readonly [number, number, number, number];

export interface WindowRecipe {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** One block of a random network; it works on the map that the blocks before made. A block that does not fit is left out. */
export type BlockRecipe =
  | ({
      readonly block: "conv";
      readonly channels: number;
      readonly grouped: boolean;
      readonly relu: boolean;
    } & WindowRecipe)
  | ({ readonly block: "depthwise"; readonly multiplier: number; readonly relu: boolean } & WindowRecipe)
  | ({ readonly block: "transposed"; readonly channels: number } & WindowRecipe)
  | ({ readonly block: "maxPool" } & WindowRecipe)
  | ({ readonly block: "averagePool"; readonly countIncludePad: boolean } & WindowRecipe)
  /** Expand (if `expand`), depthwise, project, add to what came in. */
  | { readonly block: "residual"; readonly expand: boolean; readonly kernel: 1 | 3 | 5 }
  /** With the n-th last map of the same size, itself included. */
  | { readonly block: "binary"; readonly fn: BinaryFunction; readonly back: number }
  | { readonly block: "constant"; readonly fn: "add" | "mul" | "rsub"; readonly perChannel: boolean }
  /** With the n-th last map of fitting size. */
  | { readonly block: "concat"; readonly axis: 0 | 1 | 2; readonly back: number }
  | { readonly block: "unary"; readonly fn: "clamp" | "leakyRelu" | "abs" | "hardSwish" | "sigmoid" }
  | { readonly block: "resize"; readonly mode: "nearest" | "linear"; readonly factors: Pair }
  | { readonly block: "pad"; readonly sides: readonly [number, number, number, number]; readonly channels: number }
  | { readonly block: "slice"; readonly starts: Pair; readonly steps: Pair }
  | { readonly block: "depthToSpace" | "spaceToDepth"; readonly order: "dcr" | "crd" }
  /** Squeeze and excite: the map times (or plus) what its own mean says of each channel; `bare`: without an activation in between. */
  | {
      readonly block: "squeeze";
      readonly fn: "mul" | "add" | "sub";
      readonly bare: boolean;
      readonly gateFirst: boolean;
    }
  /** Everything in one vector, through a dense layer. */
  | { readonly block: "dense"; readonly channels: number }
  | { readonly block: "globalPool"; readonly fn: "mean" | "max" }
  | { readonly block: "transpose"; readonly permutation: readonly [number, number, number] }
  | { readonly block: "softmax" };

/** What a random network is built from. Plain data, so that it shrinks and prints. */
export interface NetworkRecipe {
  readonly type: CellType;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly blocks: readonly BlockRecipe[];
  /** A global pooling behind the last block, as classifiers have one. */
  readonly end?: "mean" | "max" | undefined;
  /** int8: the program's inputs and outputs are float32. */
  readonly floatPorts: boolean;
  /** A second output: the n-th last map, the input included. 0 for none. */
  readonly secondOutput: number;
  /** A second input, which is added to the first one (even seeds) or to what the last block makes. */
  readonly secondInput?: boolean;
  /** Seed of weights and scales. */
  readonly seed: number;
}

/** Which blocks are drawn, and how large networks are. */
export interface RecipeOptions {
  /** Default: both. */
  readonly types?: readonly CellType[];
  /** Most rows and columns of the input. Default 40. */
  readonly maxSize?: number;
  /** Most channels. Default 8. */
  readonly maxChannels?: number;
  /** Most blocks. Default 8. */
  readonly maxDepth?: number;
  /** Also layers that need the whole image (global pooling, dense, softmax, transposition). Default true. */
  readonly global?: boolean;
}

export function recipes(options: RecipeOptions = {}): fc.Arbitrary<NetworkRecipe> {
  const { types = ["float32", "int8"], maxSize = 40, maxChannels = 8, maxDepth = 8, global = true } = options;
  const size = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: Math.min(3, maxSize), max: maxSize }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: Math.min(2, maxSize) }) },
  );
  return fc.record({
    type: fc.constantFrom(...types),
    height: size,
    width: size,
    channels: fc.integer({ min: 1, max: maxChannels }),
    blocks: fc.array(blocks(maxChannels, global), { minLength: 1, maxLength: maxDepth }),
    floatPorts: fc.boolean(),
    secondOutput: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
    ),
    secondInput: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    seed: fc.nat(0xffff),
    end: global ? fc.constantFrom(undefined, undefined, "mean" as const, "max" as const) : fc.constant(undefined),
  });
}

function pairOf<T>(each: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> {
  // Both axes alike in most networks, so that oblong windows do not hide everything else.
  return fc.oneof(
    { weight: 2, arbitrary: each.map((one) => [one, one] as const) },
    { weight: 1, arbitrary: fc.tuple(each, each) },
  );
}

function windows(
  kernels: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): fc.Arbitrary<WindowRecipe> {
  const side = fc.nat(4);
  return fc.record({
    kernel: pairOf(fc.constantFrom(...kernels)),
    strides: pairOf(fc.constantFrom(...strides)),
    dilations: pairOf(fc.constantFrom(...dilations)),
    padding: fc.oneof(
      { weight: 4, arbitrary: fc.constant("same" as const) },
      { weight: 1, arbitrary: fc.constant("valid" as const) },
      { weight: 2, arbitrary: fc.tuple(side, side, side, side) },
    ),
  });
}

function blocks(maxChannels: number, global: boolean): fc.Arbitrary<BlockRecipe> {
  const channels = fc.integer({ min: 1, max: maxChannels });
  const any = windows([3, 1, 2, 5, 7], [1, 1, 2, 3], [1, 1, 2]);
  const pooling = windows([2, 3], [1, 2, 3], [1]);
  const flag = fc.boolean();
  const local: fc.WeightedArbitrary<BlockRecipe>[] = [
    {
      weight: 6,
      arbitrary: fc
        .tuple(any, fc.record({ channels, grouped: flag, relu: flag }))
        .map(([window, rest]) => ({ block: "conv", ...window, ...rest })),
    },
    {
      weight: 5,
      arbitrary: fc
        .tuple(any, fc.record({ multiplier: fc.constantFrom(1, 1, 1, 2), relu: flag }))
        .map(([window, rest]) => ({ block: "depthwise", ...window, ...rest })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(windows([2, 3, 1], [2, 1, 3], [1, 2]), fc.record({ channels }))
        .map(([window, rest]) => ({ block: "transposed", ...window, ...rest })),
    },
    { weight: 1, arbitrary: pooling.map((window) => ({ block: "maxPool", ...window })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(pooling, fc.record({ countIncludePad: flag }))
        .map(([window, rest]) => ({ block: "averagePool", ...window, ...rest })),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        block: fc.constant("residual" as const),
        expand: flag,
        kernel: fc.constantFrom(1 as const, 3 as const, 5 as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        block: fc.constant("binary" as const),
        fn: fc.constantFrom("add" as const, "sub" as const, "mul" as const, "maximum" as const),
        back: fc.nat(4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("constant" as const),
        fn: fc.constantFrom("add" as const, "mul" as const, "rsub" as const),
        perChannel: flag,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        block: fc.constant("concat" as const),
        axis: fc.constantFrom(2 as const, 2 as const, 0 as const, 1 as const),
        back: fc.nat(4),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("unary" as const),
        fn: fc.constantFrom(
          "clamp" as const,
          "leakyRelu" as const,
          "abs" as const,
          "hardSwish" as const,
          "sigmoid" as const,
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        block: fc.constant("resize" as const),
        mode: fc.constantFrom("nearest" as const, "linear" as const),
        factors: pairOf(fc.constantFrom(2, 1.5, 0.5)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("pad" as const),
        sides: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
        channels: fc.nat(2),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("slice" as const),
        starts: pairOf(fc.nat(2)),
        steps: pairOf(fc.constantFrom(1, 2)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constantFrom("depthToSpace" as const, "spaceToDepth" as const),
        order: fc.constantFrom("dcr" as const, "crd" as const),
      }),
    },
  ];
  const whole: fc.WeightedArbitrary<BlockRecipe>[] = [
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("squeeze" as const),
        fn: fc.constantFrom("mul" as const, "add" as const, "sub" as const),
        bare: flag,
        gateFirst: flag,
      }),
    },
    { weight: 1, arbitrary: fc.record({ block: fc.constant("dense" as const), channels }) },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("globalPool" as const),
        fn: fc.constantFrom("mean" as const, "max" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        block: fc.constant("transpose" as const),
        permutation: fc.constantFrom([1, 0, 2] as const, [2, 0, 1] as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ block: "softmax" }) },
  ];
  return fc.oneof(...local, ...(global ? whole : []));
}
