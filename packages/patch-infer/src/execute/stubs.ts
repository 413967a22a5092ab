import type { Network } from "../network/network.ts";
import type { Plan } from "../plan/plan.ts";
export function checkPlan(_network: Network, _plan: Plan): void {}
