import { random } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";

/** One value of each gene, by name: plain JSON. */
export type Genes = Readonly<Record<string, number | string>>;

/** What a candidate costs, by name: `memoryBytes`, `flashBytes`, `macs`, or what a space of one's own measures. */
export type Costs = Readonly<Record<string, number>>;

/** What can be chosen, and what a choice costs. */
export interface Space {
  /** The values of each gene, in the order in which genes are drawn. */
  readonly choices: Readonly<Record<string, readonly (number | string)[]>>;
  /**
   * The same candidate with the genes that have no effect at fixed values (the kernel of a block that is not there), so that
   * one candidate is not evaluated twice. Default: the genes themselves.
   */
  readonly canonical?: (genes: Genes) => Genes;
  /** Costs of a candidate; `null` when it cannot be built at all. Needed when there are constraints. */
  readonly costs?: (genes: Genes) => Costs | null;
}

/** Numbers in [0, 1), one after the other; the same key gives the same numbers. */
export function uniforms(key: random.Key): () => number {
  const block = 256;
  let drawn = new Float32Array(0);
  let next = 0;
  let rest = key;
  return () => {
    if (next === drawn.length) {
      const [now, later] = random.split(rest, 2) as [random.Key, random.Key];
      drawn = random.uniform(now, [block]).dataSync() as Float32Array<ArrayBuffer>;
      rest = later;
      next = 0;
    }
    return drawn[next++] as number;
  };
}

/** One of the values of a list. */
export function pick<T>(values: readonly T[], draw: () => number): T {
  return values[Math.floor(draw() * values.length)] as T;
}

/** Every gene drawn evenly. */
export function randomGenes({ choices }: Space, draw: () => number): Genes {
  return mapGenes(choices, (values) => pick(values, draw));
}

/** Each gene is drawn anew with this probability. */
export function mutated({ choices }: Space, genes: Genes, probability: number, draw: () => number): Genes {
  return mapGenes(choices, (values, name) =>
    draw() < probability ? pick(values, draw) : (genes[name] as number | string),
  );
}

/** Each gene from one of two parents. */
export function crossed({ choices }: Space, a: Genes, b: Genes, draw: () => number): Genes {
  return mapGenes(choices, (_, name) => (draw() < 0.5 ? a : b)[name] as number | string);
}

/** A text that equal candidates share. */
export function candidateKey(space: Space, genes: Genes): string {
  const own = space.canonical?.(genes) ?? genes;
  return Object.keys(space.choices)
    .map((name) => JSON.stringify(own[name]))
    .join();
}

/** @throws PatchInferError OPTION when there is nothing to choose, or a gene has no value. */
export function checkSpace({ choices }: Space): void {
  const empty = Object.entries(choices).find(([, values]) => values.length === 0);
  if (empty !== undefined) throw new PatchInferError("OPTION", `space: the gene "${empty[0]}" has no value`);
  if (Object.keys(choices).length === 0) throw new PatchInferError("OPTION", "space: there is no gene");
}

function mapGenes(
  choices: Space["choices"],
  value: (values: readonly (number | string)[], name: string) => number | string,
): Genes {
  return Object.fromEntries(Object.entries(choices).map(([name, values]) => [name, value(values, name)]));
}
