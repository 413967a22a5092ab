import type { Table } from "./flatbuffer.ts";

/** The options of an operator: which table of the union `BuiltinOptions` it has, and how its fields are read. */
export interface OptionsSpec<Fields extends object> {
  /** Number in the union. */
  readonly type: number;
  /** Without a table every field has its default. */
  readonly read: (table: Table | undefined) => Fields;
}

type Field<T> = (table: Table | undefined) => T;

/** Fields by their number in the schema. */
const byte =
  (field: number): Field<number> =>
  (table) =>
    table?.int8(field) ?? 0;
const int =
  (field: number, absent = 0): Field<number> =>
  (table) =>
    table?.int32(field, absent) ?? absent;
const float =
  (field: number): Field<number> =>
  (table) =>
    table?.float32(field) ?? 0;
const bool =
  (field: number): Field<boolean> =>
  (table) =>
    (table?.uint8(field) ?? 0) !== 0;
const ints =
  (field: number): Field<readonly number[]> =>
  (table) =>
    table?.int32s(field) ?? [];

function spec<Fields extends object>(
  type: number,
  fields: { readonly [Key in keyof Fields]: Field<Fields[Key]> },
): OptionsSpec<Fields> {
  return {
    type,
    read: (table) => {
      const entries = Object.entries<Field<unknown>>(fields).map(([key, read]) => [key, read(table)]);
      return Object.fromEntries(entries) as Fields;
    },
  };
}

export interface Activated {
  /** `ActivationFunctionType`. */
  readonly activation: number;
}

export interface WindowOptions extends Activated {
  /** `Padding`: 0 is SAME, 1 is VALID. */
  readonly padding: number;
  readonly strideW: number;
  readonly strideH: number;
}

export interface ConvOptions extends WindowOptions {
  readonly dilationW: number;
  readonly dilationH: number;
}

export interface PoolOptions extends WindowOptions {
  readonly filterW: number;
  readonly filterH: number;
}

export const conv2dOptions: OptionsSpec<ConvOptions> = spec(1, {
  padding: byte(0),
  strideW: int(1),
  strideH: int(2),
  activation: byte(3),
  dilationW: int(4, 1),
  dilationH: int(5, 1),
});

/** Field 3, the multiplier of depth, is left alone: it follows from the shapes, as in TFLite since 2.1. */
export const depthwiseConv2dOptions: OptionsSpec<ConvOptions> = spec(2, {
  padding: byte(0),
  strideW: int(1),
  strideH: int(2),
  activation: byte(4),
  dilationW: int(5, 1),
  dilationH: int(6, 1),
});

export const pool2dOptions: OptionsSpec<PoolOptions> = spec(5, {
  padding: byte(0),
  strideW: int(1),
  strideH: int(2),
  filterW: int(3),
  filterH: int(4),
  activation: byte(5),
});

export const transposeConvOptions: OptionsSpec<WindowOptions> = spec(49, {
  padding: byte(0),
  strideW: int(1),
  strideH: int(2),
  activation: byte(3),
});

export const fullyConnectedOptions: OptionsSpec<
  Activated & { readonly weightsFormat: number; readonly keepNumDims: boolean }
> = spec(8, { activation: byte(0), weightsFormat: byte(1), keepNumDims: bool(2) });

export const softmaxOptions: OptionsSpec<{ readonly beta: number }> = spec(9, { beta: float(0) });
export const concatenationOptions: OptionsSpec<Activated & { readonly axis: number }> = spec(10, {
  axis: int(0),
  activation: byte(1),
});
export const addOptions: OptionsSpec<Activated> = spec(11, { activation: byte(0) });
export const l2NormOptions: OptionsSpec<Activated> = spec(12, { activation: byte(0) });
export const mulOptions: OptionsSpec<Activated> = spec(21, { activation: byte(0) });
export const subOptions: OptionsSpec<Activated> = spec(28, { activation: byte(0) });
export const divOptions: OptionsSpec<Activated> = spec(29, { activation: byte(0) });

export interface ResizeOptions {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

export const resizeBilinearOptions: OptionsSpec<ResizeOptions> = spec(15, {
  alignCorners: bool(2),
  halfPixelCenters: bool(3),
});
export const resizeNearestOptions: OptionsSpec<ResizeOptions> = spec(74, {
  alignCorners: bool(0),
  halfPixelCenters: bool(1),
});

export const reshapeOptions: OptionsSpec<{ readonly shape: readonly number[] }> = spec(17, { shape: ints(0) });
export const spaceToDepthOptions: OptionsSpec<{ readonly block: number }> = spec(19, { block: int(0) });
export const depthToSpaceOptions: OptionsSpec<{ readonly block: number }> = spec(94, { block: int(0) });
export const gatherOptions: OptionsSpec<{ readonly axis: number; readonly batchDims: number }> = spec(23, {
  axis: int(0),
  batchDims: int(1),
});
export const reducerOptions: OptionsSpec<{ readonly keepDims: boolean }> = spec(27, { keepDims: bool(0) });
export const squeezeOptions: OptionsSpec<{ readonly axes: readonly number[] }> = spec(30, { axes: ints(0) });

export interface StridedSliceOptions {
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
  /** The ends count from the begins. */
  readonly offset: boolean;
}

export const stridedSliceOptions: OptionsSpec<StridedSliceOptions> = spec(32, {
  beginMask: int(0),
  endMask: int(1),
  ellipsisMask: int(2),
  newAxisMask: int(3),
  shrinkAxisMask: int(4),
  offset: bool(5),
});

export const packOptions: OptionsSpec<{ readonly axis: number }> = spec(59, { axis: int(1) });
export const unpackOptions: OptionsSpec<{ readonly axis: number }> = spec(64, { axis: int(1) });
export const leakyReluOptions: OptionsSpec<{ readonly alpha: number }> = spec(75, { alpha: float(0) });
export const mirrorPadOptions: OptionsSpec<{ readonly mode: number }> = spec(77, { mode: byte(0) });
export const batchMatMulOptions: OptionsSpec<{ readonly adjX: boolean; readonly adjY: boolean }> = spec(101, {
  adjX: bool(0),
  adjY: bool(1),
});
export const cumsumOptions: OptionsSpec<{ readonly exclusive: boolean; readonly reverse: boolean }> = spec(102, {
  exclusive: bool(0),
  reverse: bool(1),
});
export const geluOptions: OptionsSpec<{ readonly approximate: boolean }> = spec(116, { approximate: bool(0) });
