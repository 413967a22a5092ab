import type { Backend } from "../../backends/backend.ts";
import type { OpName } from "../../ops/vocabulary.ts";
import type { DType } from "../../tensor/dtype.ts";
import { opNames } from "../cases/index.ts";
import { aliasChecks, layoutChecks } from "./aliases.ts";
import { errorChecks } from "./errors.ts";
import { lifetimeChecks } from "./lifetime.ts";
import { type Check, runChecks } from "./named.ts";
import { checkOp } from "./ops.ts";
import { checkPrograms } from "./programs.ts";
import { type ConformanceReport, type ConformanceSection, totalsOf } from "./report.ts";
import { symbolicChecks } from "./symbolic.ts";
import { trainingChecks } from "./training.ts";

export interface ConformanceOptions {
  /** Ops to try, in one-node programs and random ones. Default: all. An empty list leaves the one-node programs out. */
  readonly ops?: readonly OpName[];
  /** Dtypes to try. Default: all; what a backend does not support is listed in the report. */
  readonly dtypes?: readonly DType[];
  /** Random cases per op and dtype. Default 10. */
  readonly runs?: number;
  /** Random programs per float dtype, and half as many with a symbolic dimension. Default 100. */
  readonly programs?: number;
  /** Equal seeds try equal cases. Default 0. */
  readonly seed?: number;
  /** Factor on every tolerance, for engines that compute in less than they store. Default 1. */
  readonly tolerance?: number;
  /**
   * 32 for an engine that is documented to carry int64 in 32 bits: examples with larger numbers are then listed as
   * unsupported instead of run. Default 64.
   */
  readonly int64Bits?: 32 | 64;
  /** Also everything that is not about one op: symbols, training, errors, lifetimes, aliases, layouts. Default true. */
  readonly checks?: boolean;
  /** Is told what has been done. */
  readonly onProgress?: (progress: ConformanceProgress) => void;
  /** A clock in milliseconds, for the report's time: `() => performance.now()`. */
  readonly now?: () => number;
}

export interface ConformanceProgress {
  /** The section that has just ended. */
  readonly section: ConformanceSection;
  readonly done: number;
  readonly total: number;
}

const checkGroups: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  "symbolic dimensions": symbolicChecks,
  "training in a scan": trainingChecks,
  "errors at run time": errorChecks,
  lifetimes: lifetimeChecks,
  "aliased outputs": aliasChecks,
  "strided inputs": layoutChecks,
};

/**
 * Does a backend compute what the reference computes? Tries every op on examples and random cases over its dtypes and
 * attributes, random programs, programs with symbolic dimensions, training loops, and the rules of the Backend contract
 * on errors, lifetimes and aliases. What the backend refuses with an UnsupportedError is listed; anything else that
 * differs is a disagreement, shown with the smallest program that was found.
 *
 * float16 and bfloat16 are tried op by op only: programs of many nodes in them tell little about correctness.
 */
export async function backendConformance(
  backend: Backend,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const {
    ops = opNames,
    dtypes,
    runs = 10,
    programs = 100,
    seed = 0,
    tolerance = 1,
    int64Bits = 64,
    checks = true,
    onProgress,
    now,
  } = options;
  const started = now?.() ?? 0;
  const floats = (["float32", "float64"] as const).filter((dtype) => dtypes === undefined || dtypes.includes(dtype));
  const opParts = ops.map((op) => () => checkOp(backend, op, { dtypes, runs, seed, tolerance, int64Bits }));
  const programParts =
    programs === 0
      ? []
      : floats.flatMap((float) =>
          [false, true].map(
            (symbolic) => () =>
              checkPrograms(backend, {
                float,
                symbolic,
                runs: symbolic ? Math.ceil(programs / 2) : programs,
                seed,
                tolerance,
                ops: ops.length === 0 ? opNames : ops,
              }),
          ),
        );
  const groups = checks
    ? Object.entries(checkGroups).map(
        ([name, group]) =>
          () =>
            runChecks(backend, name, group),
      )
    : [];
  const parts = [...opParts, ...programParts, ...groups];
  const sections: ConformanceSection[] = [];
  for (const part of parts) {
    const section = await part();
    sections.push(section);
    onProgress?.({ section, done: sections.length, total: parts.length });
  }
  return {
    backend: backend.name,
    device: backend.device,
    seed,
    ops: sections.slice(0, ops.length),
    checks: sections.slice(ops.length),
    totals: totalsOf(sections),
    milliseconds: now === undefined ? null : now() - started,
  };
}
