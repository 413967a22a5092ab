export { clopperPearson } from "./binomial.ts";
export { ConformalError, type ConformalErrorCode } from "./errors.ts";
export type { Group } from "./group.ts";
export type { Guarantee } from "./guarantee.ts";
export type { ProbabilityMatrix } from "./matrix.ts";
export { rowUniform, uniformStream } from "./random.ts";
