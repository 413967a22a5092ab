import { type Signal, random } from "@parsimony/core-tensor";
import { PatchInferError } from "../base/errors.ts";
import {
  type Costs,
  type Genes,
  type Space,
  candidateKey,
  checkSpace,
  crossed,
  mutated,
  pick,
  randomGenes,
  uniforms,
} from "./space.ts";

/** What is evaluated. */
export interface Candidate {
  readonly genes: Genes;
  readonly costs: Costs;
}

/** A candidate and what it is worth: more is better. */
export interface Scored extends Candidate {
  readonly score: number;
}

/** What is known after a generation. */
export interface Generation {
  /** 0 for the random one. */
  readonly generation: number;
  /** The best of all so far. */
  readonly best: Scored;
  /** Mean score of the parents of the next generation. */
  readonly parentsMean: number;
  /** Evaluations so far. */
  readonly evaluations: number;
}

/** All that a search needs to go on where it was: plain JSON, in which a score of -Infinity may have become null. */
export interface EvolutionState {
  readonly version: 1;
  readonly seed: number;
  /** Every candidate that was evaluated, in order; those beyond the last entry of `history` belong to a generation that is not done. */
  readonly scored: readonly Scored[];
  readonly history: readonly Generation[];
}

export interface EvolveOptions {
  readonly space: Space;
  /** What a candidate is worth: a finite number, or -Infinity for one that failed. Called once for each candidate, one at a time. */
  readonly evaluate: (candidate: Candidate) => number | Promise<number>;
  /** The most that each cost may be, by the names of `space.costs`. Looked at before a candidate is evaluated. */
  readonly constraints?: Costs;
  /** New candidates per generation. Default 100. */
  readonly population?: number;
  /** How many of the best of all so far have children. Default 25. */
  readonly parents?: number;
  /** Default 0.1 per gene. */
  readonly mutationProbability?: number;
  /** Share of a generation that is made by mutation; the others have two parents. Default 0.5. */
  readonly mutationRatio?: number;
  /** Generations after the random one. Default 30. */
  readonly generations?: number;
  readonly seed: number;
  /** Draws for one candidate before the search is content with fewer. Default 1000. */
  readonly tries?: number;
  readonly signal?: Signal;
  /** After each generation. */
  readonly onProgress?: (progress: Generation, state: EvolutionState) => void | Promise<void>;
  /** After each evaluation; keep `state` to resume from it when evaluations are dear. */
  readonly onScore?: (scored: Scored, state: EvolutionState) => void | Promise<void>;
  /** A state of a search with the same options (`generations` may be larger). */
  readonly resume?: EvolutionState;
}

export interface Evolution {
  readonly best: Scored;
  /** One entry per generation; `best.score` never falls. */
  readonly history: readonly Generation[];
  readonly evaluations: number;
  readonly state: EvolutionState;
}

/**
 * Looks for the best candidate of a space by evolution: the best so far are parents; their children differ by mutations or
 * come from two of them (Real et al. 2019 in the form of once-for-all, Cai et al. 2020, which MCUNet and MCUNetV2 use). No candidate
 * that breaks a constraint is evaluated, and none twice. The same seed gives the same candidates; a search that is resumed
 * goes on with the same candidates as one that was not interrupted.
 *
 * @throws PatchInferError OPTION for options outside their domain, a constraint on a cost that the space does not measure, a score that is NaN or
 *   +Infinity; BUDGET_INFEASIBLE when no random candidate meets the constraints (with the smallest `memoryBytes` seen). What
 *   `signal` throws.
 */
export async function evolve(options: EvolveOptions): Promise<Evolution> {
  const { space, evaluate, population = 100, generations = 30, parents: count = 25, seed, resume } = options;
  check(options);
  const before = (resume?.scored ?? []).map(withScore);
  const history: Generation[] = (resume?.history ?? []).map(({ best, parentsMean, ...rest }) => ({
    ...rest,
    best: withScore(best),
    parentsMean: parentsMean ?? Number.NEGATIVE_INFINITY,
  }));
  const scored: Scored[] = before.slice(0, history.at(-1)?.evaluations ?? 0);
  // Scores of a generation that was interrupted: its candidates are drawn again and are the same.
  const scores = new Map(before.slice(scored.length).map(({ genes, score }) => [candidateKey(space, genes), score]));
  const known = new Set(scored.map(({ genes }) => candidateKey(space, genes)));
  const state = (): EvolutionState => ({ version: 1, seed, scored: [...scored], history: [...history] });

  for (let generation = history.length; generation <= generations && !isUsedUp(history); generation++) {
    // A stream of its own for every generation: what it draws depends on the candidates before it and on nothing else.
    const draw = uniforms(random.foldIn(random.key(seed), generation));
    const children = offspring(options, bestOf(scored, count), known, population, draw);
    for (const candidate of children) {
      options.signal?.throwIfAborted();
      const score = scores.get(candidateKey(space, candidate.genes)) ?? (await evaluate(candidate));
      if (typeof score !== "number" || Number.isNaN(score) || score === Number.POSITIVE_INFINITY)
        throw new PatchInferError("OPTION", `evolve: evaluate must give a finite number or -Infinity, got ${score}`);
      scored.push({ ...candidate, score });
      await options.onScore?.(scored.at(-1) as Scored, state());
    }
    const parents = bestOf(scored, count);
    const parentsMean = parents.reduce((sum, { score }) => sum + score, 0) / parents.length;
    history.push({ generation, best: parents[0] as Scored, parentsMean, evaluations: scored.length });
    await options.onProgress?.(history.at(-1) as Generation, state());
  }
  return { best: bestOf(scored, 1)[0] as Scored, history, evaluations: scored.length, state: state() };
}

/** JSON has no -Infinity: it writes null. */
function withScore(scored: Scored): Scored {
  return { ...scored, score: scored.score ?? Number.NEGATIVE_INFINITY };
}

/** Nothing new was found in many tries. */
function isUsedUp(history: readonly Generation[]): boolean {
  return history.length > 1 && history.at(-1)?.evaluations === history.at(-2)?.evaluations;
}

/** The best by score; earlier ones first among equals. */
function bestOf(scored: readonly Scored[], count: number): Scored[] {
  return [...scored].sort((a, b) => (a.score === b.score ? 0 : b.score - a.score)).slice(0, count);
}

/** Candidates that are new and meet the constraints; their keys are added to the known ones. */
function offspring(
  { space, constraints = {}, mutationProbability = 0.1, mutationRatio = 0.5, tries = 1000 }: EvolveOptions,
  parents: readonly Scored[],
  known: Set<string>,
  population: number,
  draw: () => number,
): Candidate[] {
  const children: Candidate[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  const looked = new Set<string>();
  const mutations = Math.round(mutationRatio * population);
  const drawGenes = (place: number, attempt: number): Genes => {
    if (parents.length === 0) return randomGenes(space, draw);
    const parent = pick(parents, draw).genes;
    if (place < mutations) return mutated(space, parent, mutationProbability, draw);
    const child = crossed(space, parent, pick(parents, draw).genes, draw);
    // Parents that are all alike have no new children: from the second try on they mutate too.
    return attempt === 0 ? child : mutated(space, child, mutationProbability, draw);
  };
  for (let place = 0; place < population; place++) {
    for (let attempt = 0; attempt < tries; attempt++) {
      const drawn = drawGenes(place, attempt);
      const genes = space.canonical?.(drawn) ?? drawn;
      const key = candidateKey(space, genes);
      if (known.has(key) || looked.has(key)) continue;
      const costs = space.costs?.(genes) ?? (space.costs === undefined ? {} : null);
      if (costs === null || !within(costs, constraints)) {
        smallest = Math.min(smallest, costs?.["memoryBytes"] ?? Number.POSITIVE_INFINITY);
        looked.add(key);
        continue;
      }
      known.add(key);
      children.push({ genes, costs });
      break;
    }
  }
  if (children.length === 0 && parents.length === 0) {
    const seen = Number.isFinite(smallest) ? `; the smallest memory seen is ${smallest} bytes` : "";
    throw new PatchInferError(
      "BUDGET_INFEASIBLE",
      `evolve: no candidate in ${tries * population} meets the constraints${seen}`,
      {
        ...(Number.isFinite(smallest) ? { smallestPeakBytes: smallest } : {}),
      },
    );
  }
  return children;
}

function within(costs: Costs, constraints: Costs): boolean {
  return Object.entries(constraints).every(([name, limit]) => {
    const cost = costs[name];
    if (cost !== undefined) return cost <= limit;
    const measured = Object.keys(costs).join(", ");
    throw new PatchInferError("OPTION", `evolve: the space does not measure "${name}", only ${measured}`);
  });
}

function check(options: EvolveOptions): void {
  const {
    space,
    constraints = {},
    population = 100,
    parents = 25,
    generations = 30,
    tries = 1000,
    seed,
    resume,
  } = options;
  const { mutationProbability = 0.1, mutationRatio = 0.5 } = options;
  checkSpace(space);
  const whole = { population, parents, tries, generations: generations + 1 };
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isInteger(value) || value < 1)
      throw new PatchInferError(
        "OPTION",
        `evolve: ${name} must be a whole number, at least ${name === "generations" ? 0 : 1}`,
      );
  }
  if (!Number.isInteger(seed)) throw new PatchInferError("OPTION", `evolve: seed must be a whole number, got ${seed}`);
  for (const [name, value] of Object.entries({ mutationProbability, mutationRatio })) {
    if (!(value >= 0 && value <= 1))
      throw new PatchInferError("OPTION", `evolve: ${name} must lie in [0, 1], got ${value}`);
  }
  for (const [name, limit] of Object.entries(constraints)) {
    if (!(limit > 0))
      throw new PatchInferError("OPTION", `evolve: the constraint ${name} must be positive, got ${limit}`);
  }
  if (Object.keys(constraints).length > 0 && space.costs === undefined)
    throw new PatchInferError("OPTION", "evolve: constraints need a space with costs");
  if (resume !== undefined && (resume.version !== 1 || resume.seed !== seed))
    throw new PatchInferError("OPTION", `evolve: the state to resume belongs to seed ${resume.seed}, not ${seed}`);
}
