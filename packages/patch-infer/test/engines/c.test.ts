import { describe, expect, test } from "vitest";
import { emitC } from "../../src/deploy/c/emitC.ts";
import type { CSource } from "../../src/deploy/c/source.ts";
import { planLayers } from "../../src/plan/planStages.ts";
import { quantizeWithRanges } from "../../src/quantize/quantizeInt8.ts";
import { compare, longStages, planOf, randomCells } from "../deploy/c/cases.ts";
import { compileAndRun, missingTools, targets } from "../deploy/c/compile.ts";
import { rareLayers, smallMobileNet, twoConvolutions } from "../deploy/c/models.ts";
import { NetworkBuilder } from "../nets/networkBuilder.ts";

const missing = missingTools(targets.hostPlain);
if (missing.length > 0) console.log(`C is not compiled: there is no ${missing.join(", no ")}`);

/** scripts/ci/patchInferC.sh compiles many more, also for Cortex-M. */
describe.skipIf(missing.length > 0)("compiled on this machine", () => {
  test("two convolutions, each with padding of its own, cut in two", () => {
    const network = twoConvolutions();
    const plan = planOf(network, longStages(network), "recompute", { rows: 1, columns: 2 });
    const inputs = [Float32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0)];
    const run = compileAndRun({ network, plan, source: emitC(network, plan) }, inputs, targets.hostPlain);
    expect([...(run.outputs[0] ?? [])]).toEqual([0, -4.5, 5.5, 8, -4.5, -2, -3.5, 5.5]);
  });

  test("an int8 MobileNet in patches that keep rows and columns, input by callback: the executor's bits", () => {
    const network = smallMobileNet("int8", 20);
    const plan = planOf(
      network,
      longStages(network).slice(0, 1),
      "cacheBoth",
      { rows: 2, columns: 2 },
      { input: "callback" },
    );
    const { status, differing, outputs } = compare(network, plan, targets.hostPlain, { guard: true });
    expect({ status, differing }).toEqual({ status: 0, differing: 0 });
    expect(new Set(outputs[0]).size).toBeGreaterThan(4);
  });

  test.each(["float32", "int8"] as const)("%s patches that end in a pooling: the executor's bits", (type) => {
    const network = smallMobileNet(type, 20);
    const end = network.layers.findIndex(({ kind }) => kind === "globalPool") + 1;
    const plan = planOf(network, [{ first: 0, end }], "cacheBoth", { rows: 3, columns: 2 });
    expect(plan.stages[0]?.steps.at(-1)?.sums).toBeDefined();
    const { status, differing, outputs } = compare(network, plan, targets.hostPlain, { guard: true });
    expect({ status, differing }).toEqual({ status: 0, differing: 0 });
    expect(new Set(outputs[0]).size).toBeGreaterThan(4);
  });

  test("float functions and movements, inputs and outputs in the arena: the executor's bits", () => {
    const network = rareLayers("float32");
    const { status, differing } = compare(
      network,
      planLayers(network, { input: "resident", output: "resident" }),
      targets.hostPlain,
    );
    expect({ status, differing }).toEqual({ status: 0, differing: 0 });
  });

  test("sums far from all codes stay in 32 bits", () => {
    const net = new NetworkBuilder("far", "float32");
    const [image, end] = [net.input(3, 3, 2), net.conv("image", 3)];
    const ranges = { [image]: { min: -1, max: 1 }, [end]: { min: 0, max: 1e-12 } };
    const network = quantizeWithRanges(net.build([end]), ranges);
    const { status, differing } = compare(network, planLayers(network), targets.sanitized);
    expect({ status, differing }).toEqual({ status: 0, differing: 0 });
  });

  test("a write beyond the arena is seen by its guards", () => {
    const network = twoConvolutions();
    const plan = planLayers(network);
    const source = emitC(network, plan, { guard: true });
    const broken = (at: string): CSource => {
      const text = source.files["net.c"] as string;
      const changed = text.replace(
        "  net_after(output",
        `  NET_ARENA[${at}] = 1;
  net_after(output`,
      );
      expect(changed).not.toBe(text);
      return { ...source, files: { ...source.files, "net.c": changed } };
    };
    const status = (from: CSource): number =>
      compileAndRun({ network, plan, source: from }, randomCells(network, 1), targets.hostPlain).status;
    expect(status(broken("row + NET_ARENA_BYTES"))).toBe(-1);
    expect(status(broken("row - 1"))).toBe(-1);
  });

  test("what the function for parts of inputs gives ends the run", () => {
    const network = twoConvolutions();
    const plan = planLayers(network, { input: "callback" });
    const source = emitC(network, plan);
    const run = compileAndRun({ network, plan, source }, randomCells(network, 1), targets.hostPlain, {
      readerStatus: 7,
    });
    expect(run.status).toBe(7);
  });
});
