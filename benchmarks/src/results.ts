import type { Agreement } from "./agreement.ts";
import type { EagerMatmul } from "./eager.ts";
import type { Machine } from "./machine.ts";
import type { ProgramCost } from "./programs.ts";
import type { Spread } from "./statistics.ts";

export interface ContenderResult extends Spread {
  readonly contender: string;
  /** Its median over that of `jit` in single calls: how many times as long it takes. */
  readonly timesOurs: number;
  /** The theoretical limit over its median. */
  readonly shareOfPeak: number;
}

export interface WorkloadResult {
  readonly name: string;
  readonly kind: "training" | "forward";
  readonly work: string;
  readonly flops: number;
  /** Milliseconds that the operations would take at the peak of the machine. */
  readonly limit: number;
  readonly agreement: readonly Agreement[];
  readonly contenders: readonly ContenderResult[];
  readonly absent: Readonly<Record<string, string>>;
}

/** A goal beside what was measured. */
export interface GoalResult {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Everything of one run; what was not asked for is not there. */
export interface Results {
  readonly machine: Machine;
  readonly arguments: readonly string[];
  /** Floating point operations per second of onnxruntime's best matrix product here. */
  readonly peakFlops: number;
  readonly eager?: EagerMatmul;
  readonly programs: readonly ProgramCost[];
  readonly workloads: readonly WorkloadResult[];
  readonly goals: readonly GoalResult[];
}
