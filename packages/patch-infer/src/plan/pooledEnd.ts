import { type NetworkFacts, mapOf } from "./facts.ts";
import type { FeatureMap } from "../network/network.ts";

/** Bytes of one running sum (or largest number so far) of a global pooling, whatever its cells are. */
export const runningSumBytes = 4;

/**
 * Whether the layers `first`, …, `end - 1` are a stage that ends with a global pooling of what its patches make. The pooling
 * adds up patch by patch, so nobody ever holds the map that it reads (msf-CNN, Huang et al. 2025, "iterative" pooling). A pooling
 * by itself is an ordinary layer on the whole image.
 */
export function isPooledEnd(facts: NetworkFacts, first: number, end: number): boolean {
  return end - first > 1 && facts.layers[end - 1]?.layer.kind === "globalPool";
}

/** The end of those layers of a stage that go by boxes: all of them, but for a pooling at the end. */
export function boxedEnd(facts: NetworkFacts, first: number, end: number): number {
  return isPooledEnd(facts, first, end) ? end - 1 : end;
}

/** The map that the grid of a stage cuts: what it makes, or what the pooling at its end reads. */
export function cutMapOf(facts: NetworkFacts, first: number, end: number): FeatureMap {
  const last = facts.layers[boxedEnd(facts, first, end) - 1];
  return mapOf(facts.network, last?.layer.output ?? "");
}

/**
 * Whether patches must be as wide as the image: float32 sums depend on the order, which is row by row on the whole image. Codes
 * are added up exactly, in any order.
 */
export function needsWholeRows(facts: NetworkFacts, first: number, end: number): boolean {
  return isPooledEnd(facts, first, end) && cutMapOf(facts, first, end).type === "float32";
}

/** Bytes of the running sums that a stage keeps. */
export function runningSumsOf(facts: NetworkFacts, first: number, end: number): number {
  return isPooledEnd(facts, first, end) ? runningSumBytes * cutMapOf(facts, first, end).channels : 0;
}
