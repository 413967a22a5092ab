import type { PrimitiveTable } from "../primitive.ts";
import type { OpAttributes } from "../vocabulary.ts";
import { broadcastToPrimitive } from "./broadcastTo.ts";
import { concatPrimitive } from "./concat.ts";
import { gatherPrimitive, scatterAddPrimitive } from "./gather.ts";
import { gatherElementsPrimitive, scatterAddElementsPrimitive } from "./gatherElements.ts";
import { dimValuePrimitive, iotaPrimitive } from "./iota.ts";
import { oneHotPrimitive } from "./oneHot.ts";
import { padPrimitive } from "./pad.ts";
import { reshapePrimitive } from "./reshape.ts";
import { reversePrimitive } from "./reverse.ts";
import { slicePrimitive } from "./slice.ts";
import { transposePrimitive } from "./transpose.ts";

export { broadcastTo } from "./broadcastTo.ts";
export { concat } from "./concat.ts";
export { type FullOptions, full, fullLike, ones, onesLike, zeros, zerosLike } from "./full.ts";
export { gather, scatterAdd } from "./gather.ts";
export { gatherElements, scatterAddElements } from "./gatherElements.ts";
export { type IotaOptions, dimSize, iota } from "./iota.ts";
export { type OneHotOptions, oneHot } from "./oneHot.ts";
export { type PadOptions, pad } from "./pad.ts";
export { reshape } from "./reshape.ts";
export { reverse } from "./reverse.ts";
export { type SliceBound, slice } from "./slice.ts";
export { transpose } from "./transpose.ts";

/** The ops of this family. */
export type MovementOps = Pick<
  OpAttributes,
  | "reshape"
  | "transpose"
  | "broadcastTo"
  | "concat"
  | "slice"
  | "pad"
  | "reverse"
  | "gather"
  | "gatherElements"
  | "scatterAdd"
  | "scatterAddElements"
  | "iota"
  | "dimValue"
  | "oneHot"
>;

/** The records of the ops that move elements or make them from nothing. */
export const movementPrimitives: PrimitiveTable<MovementOps> = {
  reshape: reshapePrimitive,
  transpose: transposePrimitive,
  broadcastTo: broadcastToPrimitive,
  concat: concatPrimitive,
  slice: slicePrimitive,
  pad: padPrimitive,
  reverse: reversePrimitive,
  gather: gatherPrimitive,
  gatherElements: gatherElementsPrimitive,
  scatterAdd: scatterAddPrimitive,
  scatterAddElements: scatterAddElementsPrimitive,
  iota: iotaPrimitive,
  dimValue: dimValuePrimitive,
  oneHot: oneHotPrimitive,
};
