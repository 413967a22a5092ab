/**
 * The four arithmetic operations as loops of their own. In the loop that all binary ops share, the scalar function is
 * a call; the engine cannot inline it there, because that loop has seen many. These four carry most of the work of a
 * typical program.
 */
import type { NumberArray } from "../../tensor/dtype.ts";

/** A run of outputs from `start`, along which the operands advance by their own steps from `p` and `q`. */
export type BinaryRun = (
  out: NumberArray,
  start: number,
  length: number,
  a: NumberArray,
  p: number,
  aStep: number,
  b: NumberArray,
  q: number,
  bStep: number,
) => void;

export const addRun: BinaryRun = (out, start, length, a, p, aStep, b, q, bStep) => {
  for (let i = start, end = start + length; i < end; i++, p += aStep, q += bStep)
    out[i] = (a[p] as number) + (b[q] as number);
};

export const subRun: BinaryRun = (out, start, length, a, p, aStep, b, q, bStep) => {
  for (let i = start, end = start + length; i < end; i++, p += aStep, q += bStep)
    out[i] = (a[p] as number) - (b[q] as number);
};

export const mulRun: BinaryRun = (out, start, length, a, p, aStep, b, q, bStep) => {
  for (let i = start, end = start + length; i < end; i++, p += aStep, q += bStep)
    out[i] = (a[p] as number) * (b[q] as number);
};

export const divRun: BinaryRun = (out, start, length, a, p, aStep, b, q, bStep) => {
  for (let i = start, end = start + length; i < end; i++, p += aStep, q += bStep)
    out[i] = (a[p] as number) / (b[q] as number);
};
