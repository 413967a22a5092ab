import type { FeatureMap } from "../../network/network.ts";
import type { KernelMemory } from "../memory.ts";

/** The cells of a memory that maps of a type consist of, to be moved but not looked at. */
export function cellsOf(memory: KernelMemory, { type }: FeatureMap): Int8Array | Int32Array {
  return type === "float32" ? memory.words : memory.codes;
}

export function cellBytes({ type }: FeatureMap): 1 | 4 {
  return type === "float32" ? 4 : 1;
}

/** Up to here a loop is faster than the call of a built-in function. */
const shortRun = 24;

/** Copies `count` cells that don't overlap. */
export function move(cells: Int8Array | Int32Array, to: number, from: number, count: number): void {
  if (count > shortRun) cells.copyWithin(to, from, from + count);
  else for (let i = 0; i < count; i++) cells[to + i] = cells[from + i] as number;
}
