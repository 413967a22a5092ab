/**
 * Compiles networks with plans of all kinds for this machine and for emulated Cortex-M processors, runs them and compares
 * their outputs with those of `PatchExecutor`, and memory with the plan. Needs gcc, gcc-arm-none-eabi,
 * libnewlib-arm-none-eabi and qemu-system-arm; targets without their tools are left out, with a line that says so.
 *
 *   node --conditions=@parsimony/source --import tsx packages/patch-infer/scripts/checkC.ts [--random N] [--seed S]
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import type { Network } from "../src/network/network.ts";
import type { Plan } from "../src/plan/plan.ts";
import { searchPlan } from "../src/search/searchPlan.ts";
import { plannedNetworks } from "../src/testing/arbitraries.ts";
import { blazeFace } from "../test/deploy/c/blazeFace.ts";
import { type Comparison, compare, longStages, planOf, plansOf } from "../test/deploy/c/cases.ts";
import { missingTools, type Target, targets } from "../test/deploy/c/compile.ts";
import { constantOperands, rareLayers, smallMobileNet, twoConvolutions } from "../test/deploy/c/models.ts";

const { values } = parseArgs({
  options: { random: { type: "string", default: "16" }, seed: { type: "string", default: "1" } },
});

const usable = Object.values<Target>(targets).filter((target) => {
  const missing = missingTools(target);
  if (missing.length > 0) console.log(`${target.name}: left out, there is no ${missing.join(", no ")}`);
  return missing.length === 0;
});
const faults: string[] = [];

interface Row {
  readonly model: string;
  readonly plan: string;
  readonly target: string;
  readonly result: Comparison;
}

/** Everything that must hold of a compiled plan. */
function check(name: string, network: Network, plan: Plan, target: Target, guard = false): Comparison | undefined {
  try {
    const result = compare(network, plan, target, { guard });
    const where = `${name}, ${target.name}`;
    const { sections, arenaBytes, flashBytes } = result;
    if (result.status !== 0) faults.push(`${where}: the run gave ${result.status}`);
    if (result.differing > 0) faults.push(`${where}: ${result.differing} values differ`);
    if (target.board !== undefined && !guard) {
      if (sections.zeroed !== arenaBytes || sections.data !== 0) {
        faults.push(`${where}: .bss ${sections.zeroed}, .data ${sections.data}, the plan says ${arenaBytes} and 0`);
      }
      if (sections.constants > flashBytes) faults.push(`${where}: constants ${sections.constants} > ${flashBytes}`);
    }
    return result;
  } catch (error) {
    // What failed is told in the end, after everything that did not.
    const { stderr, stack } = error as { stderr?: string; stack?: string };
    faults.push(`${name}, ${target.name}: ${stderr || stack}`);
    return undefined;
  }
}

const emulated = usable.filter(({ board }) => board !== undefined);
const native = usable.filter(({ board }) => board === undefined);

console.log(`random networks with random plans: ${values.random}, seed ${values.seed}`);
const drawn = fc.sample(plannedNetworks(), { seed: Number(values.seed), numRuns: Number(values.random) });
for (const [index, { network, plan }] of drawn.entries()) {
  // One target each, in turn: what the targets do not share is little.
  const target = usable[index % usable.length];
  if (target !== undefined) check(`random ${index}`, network, plan, target, index % 3 === 0);
}

const rows: Row[] = [];
const face = blazeFace();
const named: readonly (readonly [string, Network, Readonly<Record<string, Plan>>, readonly Target[]])[] = [
  ...(["float32", "int8"] as const).flatMap((type) => {
    const mobile = smallMobileNet(type);
    const board = type === "int8" ? targets.cortexM4 : targets.cortexM7;
    const rare = rareLayers(type);
    const constants = constantOperands(type);
    return [
      [
        `MobileNet ${type}`,
        mobile,
        { ...plansOf(mobile), "least memory": searchPlan(mobile).best },
        usable.filter((target) => target === targets.host || target === board),
      ],
      [
        `constants ${type}`,
        constants,
        { "recompute 2 x 2": planOf(constants, longStages(constants), "recompute", { rows: 2, columns: 2 }) },
        emulated,
      ],
      [
        `rare layers ${type}`,
        rare,
        { "layer by layer": planOf(rare, [], "recompute", { rows: 1, columns: 1 }) },
        usable,
      ],
    ] as const;
  }),
  ["two convolutions", twoConvolutions(), plansOf(twoConvolutions()), usable.slice(0, 1)],
  [
    "BlazeFace",
    face,
    {
      "layer by layer": planOf(face, [], "recompute", { rows: 1, columns: 1 }),
      "26 layers, cacheBoth 8 x 8": planOf(face, [{ first: 0, end: 26 }], "cacheBoth", { rows: 8, columns: 8 }),
      "26 layers, recompute 4 x 4": planOf(face, [{ first: 0, end: 26 }], "recompute", { rows: 4, columns: 4 }),
    },
    usable.filter((target) => target === targets.host || target === targets.cortexM7),
  ],
];
for (const [model, network, plans, on] of named) {
  for (const [plan, made] of Object.entries(plans)) {
    for (const target of on) {
      const result = check(`${model}, ${plan}`, network, made, target);
      if (result !== undefined) rows.push({ model, plan, target: target.name, result });
    }
  }
}

const header = [
  "model",
  "plan",
  "target",
  "equal",
  "arena",
  ".bss",
  "constants",
  "flashBytes",
  "code",
  "stack",
  "instructions",
];
const lines = rows.map(({ model, plan, target, result }) => {
  const { sections } = result;
  const emulatedOnly = (value: number): string => (result.instructions === 0 ? "" : String(value));
  return [
    model,
    plan,
    target,
    result.differing === 0 && result.status === 0 ? "yes" : "NO",
    String(result.arenaBytes),
    emulatedOnly(sections.zeroed),
    emulatedOnly(sections.constants),
    emulatedOnly(result.flashBytes),
    emulatedOnly(sections.code),
    emulatedOnly(result.stackBytes),
    emulatedOnly(result.instructions),
  ];
});
const widths = header.map((title, i) => Math.max(title.length, ...lines.map((line) => (line[i] ?? "").length)));
for (const line of [header, ...lines]) {
  console.log(
    line
      .map((cell, i) => (i < 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(
  `${drawn.length + rows.length} compiled plans, ${faults.length} faults; ${native.length + emulated.length} targets`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
