import { PatchInferError } from "../../src/base/errors.ts";

/** The error of this package that a function throws; any other error passes. */
export function errorOf(run: () => unknown): PatchInferError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof PatchInferError) return error;
    throw error;
  }
}
