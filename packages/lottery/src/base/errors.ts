/**
 * What was wrong.
 *
 * - `E_RATE`: a share (a pruning rate, a density, a ratio) outside its range.
 * - `E_OPTION`: any other option outside its domain, such as a number of rounds that is no whole number >= 1.
 * - `E_MASK`: a mask that does not belong to the parameters: names or shapes differ, or it holds no booleans; or a weight
 *   that should be masked and is not 0.
 * - `E_PARAMETERS`: parameters, scores or tensors that do not fit together, or that are no floats on the host.
 * - `E_NON_FINITE`: NaN or an infinity where numbers are ranked or a loss is reported.
 * - `E_EMPTY`: a tensor, a layer or the whole net would be left without a weight.
 * - `E_NM_SHAPE`: an axis that groups of M do not divide, or blocks that do not tile a matrix.
 * - `E_TRAINER`: a trainer broke its contract.
 * - `E_RESUME`: a store that holds another experiment, or a damaged one.
 * - `E_STORE`: a store that cannot be read or written.
 * - `E_WORKER`: a job of a sweep failed in its worker.
 * - `E_GRAPH`: a program that the transformation cannot take apart.
 * - `E_SPARSE`: a sparse matrix that breaks the rules of its format.
 */
export type LotteryErrorCode =
  | "E_RATE"
  | "E_OPTION"
  | "E_MASK"
  | "E_PARAMETERS"
  | "E_NON_FINITE"
  | "E_EMPTY"
  | "E_NM_SHAPE"
  | "E_TRAINER"
  | "E_RESUME"
  | "E_STORE"
  | "E_WORKER"
  | "E_GRAPH"
  | "E_SPARSE";

/** Where the fault was found, for programs. */
export interface LotteryErrorDetails {
  /** Path of the tensor that is meant, for example `"hidden1.weight"`. */
  readonly tensor?: string;
  /** Position of the first offending element (row-major) or byte. */
  readonly index?: number;
  /** Step of training at which it happened. */
  readonly step?: number;
  readonly cause?: unknown;
}

/** Bad input to a function of this package, or a broken promise of something that was handed to it. */
export class LotteryError extends Error {
  override readonly name = "LotteryError";
  readonly code: LotteryErrorCode;
  readonly tensor: string | undefined;
  readonly index: number | undefined;
  readonly step: number | undefined;

  constructor(code: LotteryErrorCode, message: string, details: LotteryErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.tensor = details.tensor;
    this.index = details.index;
    this.step = details.step;
  }
}
