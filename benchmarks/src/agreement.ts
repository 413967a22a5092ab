import type { Contender, Evidence, Workload } from "./contender.ts";

/** How far a contender's results are from those of the first one. */
export interface Agreement {
  readonly contender: string;
  readonly steps: number;
  /** Largest relative difference of a loss. */
  readonly loss: number;
  /** For each group of values the norm of the difference over the norm of the values; the largest of them. */
  readonly values: number;
}

/** Steps after which single steps are compared. */
const comparedCalls = 4;

/** Bounds for float32 sums in different orders: a forward pass, losses of the first steps, parameters after them. */
const bounds = { loss: 1e-3, forward: 1e-3, training: 2e-3 };

/**
 * Compares the results of all contenders with those of the first one, over the same number of steps.
 *
 * @throws Error that names the contender whose results differ: times of wrong results mean nothing.
 */
export async function checkAgreement({ name, kind, contenders }: Workload): Promise<Agreement[]> {
  const [first, ...others] = contenders;
  if (first === undefined) return [];
  const known = new Map<number, Evidence>();
  const expected = async (steps: number): Promise<Evidence> => {
    const evidence = known.get(steps) ?? (await first.evidence(steps / first.stepsPerCall));
    known.set(steps, evidence);
    return evidence;
  };
  const result: Agreement[] = [];
  for (const contender of others) {
    const calls = kind === "forward" || contender.stepsPerCall > 1 ? 1 : comparedCalls;
    const steps = calls * contender.stepsPerCall;
    const agreement = compare(contender, steps, await contender.evidence(calls), await expected(steps));
    const bound = kind === "forward" ? bounds.forward : bounds.training;
    if (!(agreement.loss <= bounds.loss && agreement.values <= bound)) {
      throw new Error(
        `${name}: ${contender.name} and ${first.name} disagree after ${agreement.steps} steps: ` +
          `relative difference ${agreement.loss.toExponential(1)} in the loss, ${agreement.values.toExponential(1)} in the values`,
      );
    }
    result.push(agreement);
  }
  return result;
}

function compare({ name }: Contender, steps: number, found: Evidence, expected: Evidence): Agreement {
  const losses = expected.losses.map((loss, i) => Math.abs((found.losses[i] ?? NaN) - loss) / Math.abs(loss));
  const values = Object.entries(expected.values).map(([key, value]) => distance(found.values[key], value));
  return { contender: name, steps, loss: largest(losses), values: largest(values) };
}

/** The largest number; NaN when there is one. */
const largest = (values: readonly number[]): number => values.reduce((a, b) => (a >= b ? a : Number.isNaN(a) ? a : b), 0);

function distance(found: Float32Array | undefined, expected: Float32Array): number {
  if (found === undefined || found.length !== expected.length) return NaN;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((found[i] as number) - (expected[i] as number)) ** 2;
    norm += (expected[i] as number) ** 2;
  }
  return Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE));
}
