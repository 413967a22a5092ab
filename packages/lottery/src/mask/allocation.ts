import type { HostTensor } from "@parsimony/core-tensor";
import { checkShare } from "../base/checks.ts";
import { sortedNames } from "../base/parameters.ts";
import type { Mask } from "./mask.ts";

/**
 * The same density for every tensor, for `densities` of `pruneByScore`.
 *
 * @throws LotteryError E_RATE for a density outside [0, 1].
 */
export function uniformDensities(mask: Mask, density: number): Readonly<Record<string, number>> {
  checkShare("uniformDensities", "density", density);
  return Object.fromEntries(sortedNames(mask).map((name) => [name, density]));
}

/**
 * Densities of an Erdős-Rényi kernel allocation: the density of a tensor is proportional to the sum of its dimensions over their
 * product (for a dense layer (in + out) / (in out), for a convolution (out + in + height + width) / (out in height width)),
 * so that small tensors keep more of their weights. Densities that would exceed 1 are 1, and the others are scaled until the density
 * of all weights together is met (Mocanu et al. 2018; Evci et al. 2020, appendix).
 *
 * Counts that are rounded for each tensor can miss the total by half a weight for each tensor.
 *
 * @throws LotteryError E_RATE for a density outside [0, 1].
 */
export function erkDensities(mask: Mask, density: number): Readonly<Record<string, number>> {
  checkShare("erkDensities", "density", density);
  const names = sortedNames(mask).filter((name) => (mask[name] as HostTensor).size > 0);
  const tensors = names.map((name) => {
    const { shape, size } = mask[name] as HostTensor;
    const dims = shape.reduce((sum, dim) => sum + dim, 0);
    // A scale that fills a tensor is size / weight: tensors fill up in this order.
    return { name, size, weight: dims / size };
  });
  const total = tensors.reduce((sum, { size }) => sum + size, 0);
  let dense = 0;
  const byWeight = tensors.toSorted((a, b) => b.weight - a.weight);
  const scaleWithout = (full: number): number => {
    const filled = byWeight.slice(0, full).reduce((sum, { size }) => sum + size, 0);
    const rest = byWeight.slice(full).reduce((sum, { size, weight }) => sum + size * weight, 0);
    return (density * total - filled) / rest;
  };
  while (dense < byWeight.length && scaleWithout(dense) * (byWeight[dense] as { weight: number }).weight > 1) dense++;
  const scale = dense < byWeight.length ? scaleWithout(dense) : 0;
  const full = new Set(byWeight.slice(0, dense).map(({ name }) => name));
  return Object.fromEntries(tensors.map(({ name, weight }) => [name, full.has(name) ? 1 : scale * weight]));
}
