/** Losses of the first steps and the parameters after them; or, for a forward pass, its output under the name `output`. */
export interface Evidence {
  readonly losses: readonly number[];
  readonly values: Readonly<Record<string, Float32Array>>;
}

/** One way to do the work of a workload. */
export interface Contender {
  readonly name: string;
  /** Training steps, or forward passes, that one call does. */
  readonly stepsPerCall: number;
  /** Its results from a fresh start, after this many calls. */
  evidence(calls: number): Promise<Evidence>;
  /** Milliseconds that a number of calls take, one after the other, going on from where it is. */
  time(calls: number): Promise<number>;
  dispose(): Promise<void>;
}

/** The same work, to be done by several contenders. */
export interface Workload {
  readonly name: string;
  readonly kind: "training" | "forward";
  /** What is computed, in one sentence with its sizes. */
  readonly work: string;
  /** Floating point operations of one step in matrix products and convolutions. */
  readonly flops: number;
  /** Values that arithmetic does not determine, by the ends of their names: they are not compared. */
  readonly undetermined?: readonly string[];
  /** The first one is what the others' results are compared with. */
  readonly contenders: readonly Contender[];
  /** Contenders that are not there, and why. */
  readonly absent: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** Milliseconds that calls take in this process. */
export async function timed(calls: number, call: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return performance.now() - start;
}
