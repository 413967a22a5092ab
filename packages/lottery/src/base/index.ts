export { LotteryError, type LotteryErrorCode, type LotteryErrorDetails } from "./errors.ts";
export type { Named } from "./parameters.ts";
