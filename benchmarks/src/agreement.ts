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

/** Who may be timed, and why the others may not: times of wrong results mean nothing. */
export interface Verdict {
  readonly agreement: readonly Agreement[];
  readonly contenders: readonly Contender[];
  /** Contenders that threw, by name. */
  readonly failed: Readonly<Record<string, string>>;
  /** Contenders whose results differ from those of the first one, by name. */
  readonly wrong: Readonly<Record<string, string>>;
}

/** Compares the results of all contenders with those of the first one, over the same number of steps. */
export async function checkAgreement({ kind, contenders, undetermined = [] }: Workload): Promise<Verdict> {
  const [first, ...others] = contenders;
  if (first === undefined) return { agreement: [], contenders: [], failed: {}, wrong: {} };
  const known = new Map<number, Evidence>();
  const expected = async (steps: number): Promise<Evidence> => {
    const evidence = known.get(steps) ?? (await first.evidence(steps / first.stepsPerCall));
    known.set(steps, evidence);
    const values = Object.entries(evidence.values).filter(([name]) => !undetermined.some((end) => name.endsWith(end)));
    return { ...evidence, values: Object.fromEntries(values) };
  };
  const agreement: Agreement[] = [];
  const failed: Record<string, string> = {};
  const wrong: Record<string, string> = {};
  const fit = [first];
  for (const contender of others) {
    const calls = kind === "forward" || contender.stepsPerCall > 1 ? 1 : comparedCalls;
    const steps = calls * contender.stepsPerCall;
    let found: Evidence;
    try {
      found = await contender.evidence(calls);
    } catch (error) {
      failed[contender.name] = error instanceof Error ? error.message : String(error);
      continue;
    }
    const result = compare(contender, steps, found, await expected(steps));
    agreement.push(result);
    if (result.loss <= bounds.loss && result.values <= bounds[kind]) fit.push(contender);
    else wrong[contender.name] = describe(result);
  }
  return { agreement, contenders: fit, failed, wrong };
}

function describe({ steps, loss, values }: Agreement): string {
  return `wrong results after ${steps} steps: relative difference ${loss.toExponential(1)} in the loss, ${values.toExponential(1)} in the values`;
}

function compare({ name }: Contender, steps: number, found: Evidence, expected: Evidence): Agreement {
  const losses = expected.losses.map((loss, i) => Math.abs((found.losses[i] ?? NaN) - loss) / Math.abs(loss));
  const values = Object.entries(expected.values).map(([key, value]) => distance(found.values[key], value));
  return { contender: name, steps, loss: largest(losses), values: largest(values) };
}

/** The largest number; NaN when there is one. */
const largest = (values: readonly number[]): number =>
  values.reduce((a, b) => (a >= b ? a : Number.isNaN(a) ? a : b), 0);

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
