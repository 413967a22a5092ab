import { ConformalError } from "../base/errors.ts";
import type { Component } from "./components.ts";
import { minFillOrder } from "./eliminationOrder.ts";
import { logFactor } from "./rule.ts";

/** exp(-600) is 1e-261: room for products of probabilities below it. */
const LINEAR_WEIGHT = 600;

/** One step of the elimination: a table over one concept and the later concepts that it is tied to. */
export interface Bucket {
  /** Concepts of the table; the first one is summed out here. Bit b of a table position is the value of `scope[b]`. */
  readonly scope: readonly number[];
  /** Product of the factors of the rules that are counted here `[2 ^ scope.length]`, on the scale of the tree. */
  readonly factor: Float64Array;
  /** Earlier buckets whose message comes here. */
  readonly children: readonly BucketChild[];
}

export interface BucketChild {
  readonly bucket: number;
  /** Which entry of the child's message belongs to each position of this table. */
  readonly entry: Uint32Array;
  /** Bits of this table that the child's message lacks, descending. */
  readonly summed: readonly number[];
}

/** A component as a program of plain data: buckets in elimination order, the last one is the root. */
export interface BucketTree {
  readonly size: number;
  readonly buckets: readonly Bucket[];
  readonly treewidth: number;
  /**
   * The scale of all tables: numbers themselves, or their logarithms. Without hard rules every intermediate result is
   * an expectation of factors, between exp(-totalWeight) and 1; when that is far from underflow, plain numbers are
   * faster and lose less to rounding.
   */
  readonly linear: boolean;
  /** Upper bound on the products and sums that any one result goes through, for the rounding margin. */
  readonly operations: number;
  /** Sum of the magnitudes of the finite weights. */
  readonly totalWeight: number;
}

/**
 * Compiles a component for exact inference.
 *
 * @throws ConformalError E_TREEWIDTH
 */
export function bucketTree(where: string, component: Component, maxTreewidth: number): BucketTree {
  const size = component.concepts.length;
  const scopes = component.rules.map(({ body, head }) => [...new Set([...body, head])]);
  const { order, separators, width } = minFillOrder(size, scopes);
  if (width > maxTreewidth) {
    const message = `${where}: the rules have a treewidth of ${width} or more by min-fill, above maxTreewidth = ${maxTreewidth}`;
    throw new ConformalError("E_TREEWIDTH", `${message}; drop rules, or mix smaller circuits`);
  }
  const turn = new Map(order.map((concept, i) => [concept, i]));
  const at = (concept: number): number => turn.get(concept) as number;
  const tables = order.map((concept, i) => [concept, ...(separators[i] as readonly number[])]);
  const children: BucketChild[][] = tables.map(() => []);
  tables.forEach((table, i) => {
    const separator = table.slice(1);
    if (separator[0] === undefined) return;
    const parent = at(separator[0]);
    (children[parent] as BucketChild[]).push({ bucket: i, ...projection(tables[parent] as number[], separator) });
  });
  const factors = tables.map((table) => new Float64Array(2 ** table.length));
  component.rules.forEach((rule, r) => {
    const first = Math.min(...(scopes[r] as number[]).map(at));
    const factor = factors[first] as Float64Array;
    const bit = new Map((tables[first] as number[]).map((concept, b) => [concept, b]));
    for (let position = 0; position < factor.length; position++) {
      const holds = (concept: number): boolean => ((position >>> (bit.get(concept) as number)) & 1) === 1;
      factor[position] = (factor[position] as number) + logFactor(rule, holds);
    }
  });
  const totalWeight = component.rules.reduce((sum, { weight }) => sum + finiteMagnitude(weight), 0);
  const linear = totalWeight < LINEAR_WEIGHT && component.rules.every(({ weight }) => Number.isFinite(weight));
  const buckets = tables.map((scope, i): Bucket => {
    const factor = factors[i] as Float64Array;
    return { scope, factor: linear ? factor.map(Math.exp) : factor, children: children[i] as BucketChild[] };
  });
  const operations = buckets.reduce((sum, { scope, children: own }) => sum + 2 * (scope.length + own.length + 2), 0);
  return { size, buckets, treewidth: width, linear, operations: operations + component.rules.length, totalWeight };
}

function projection(table: readonly number[], kept: readonly number[]): { entry: Uint32Array; summed: number[] } {
  const bits = kept.map((concept) => table.indexOf(concept));
  const entry = new Uint32Array(2 ** table.length);
  for (let position = 0; position < entry.length; position++) {
    let index = 0;
    for (let b = 0; b < bits.length; b++) index |= ((position >>> (bits[b] as number)) & 1) << b;
    entry[position] = index;
  }
  const summed = table.map((_, b) => b).filter((b) => !bits.includes(b));
  return { entry, summed: summed.reverse() };
}

function finiteMagnitude(weight: number): number {
  return Number.isFinite(weight) ? Math.abs(weight) : 0;
}
