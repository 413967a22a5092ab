import type { Backend } from "../../backends/backend.ts";
import type { OpName } from "../../ops/vocabulary.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tolerance } from "../cases/tolerance.ts";
import { type RandomProgram, randomPrograms } from "../programs/randomProgram.ts";
import type { ConformanceSection } from "./report.ts";
import { search, seedFor } from "./search.ts";
import { type Outcome, SectionBuilder } from "./section.ts";
import { attempt } from "./trial.ts";

export interface ProgramCheckOptions {
  readonly float: DType;
  readonly symbolic: boolean;
  readonly runs: number;
  readonly seed: number;
  readonly tolerance: number;
  readonly ops: readonly OpName[];
}

/** Tries random programs, fixed or with a symbolic dimension. */
export async function checkPrograms(backend: Backend, options: ProgramCheckOptions): Promise<ConformanceSection> {
  const { float, symbolic, runs, seed, tolerance, ops } = options;
  const name = `random programs, ${float}${symbolic ? ", symbolic" : ""}`;
  const section = new SectionBuilder(name);
  await search(
    section,
    randomPrograms({ float, symbolic, ops }),
    { runs, seed: seedFor(seed, name) },
    () => float,
    (program) => attemptProgram(backend, program, tolerance),
  );
  return section.build();
}

/** Runs a random program and compares each output within its own bound. */
export function attemptProgram(
  backend: Backend,
  { graph, runs, allowed }: RandomProgram,
  factor: number,
): Promise<Outcome> {
  const within = (output: string): Tolerance => {
    const { ulps, scale } = allowed[output] as Tolerance;
    return { ulps: ulps * factor, scale };
  };
  return attempt(backend, { graph, runs, allowed: within });
}
