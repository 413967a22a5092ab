import { describe, expect, test } from "vitest";
import { type HostTensor, tensor } from "@parsimony/core-tensor";
import {
  type Box,
  type Network,
  PatchExecutor,
  PatchInferError,
  type PatchProgress,
  type Port,
  type Plan,
  planLayers,
  planPatches,
  typescriptKernels,
} from "@parsimony/patch-infer";
import { networkOfMaps, rowNetwork, workedInput, workedNetwork, workedOutput } from "./networks.ts";

const patches = (options: Partial<Parameters<typeof planPatches>[1]> = {}): Plan =>
  planPatches(workedNetwork, { split: 2, grid: { rows: 1, columns: 4 }, ...options });
const values = (outputs: ReturnType<PatchExecutor["run"]>): number[] => [
  ...((outputs["y2"] as HostTensor).dataSync() as Float32Array),
];

/** The row from which a function is to give parts. */
function tileOf(row: Float32Array, asked: Box[] = []): (box: Box, into: Float32Array | Int8Array) => void {
  return (box, into) => {
    const { rows, columns } = box;
    asked.push({ rows: { ...rows }, columns: { ...columns } });
    into.set(row.subarray(columns.start, columns.end));
  };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PatchInferError) return error.code;
    throw error;
  }
  return "no error";
}

describe("inputs", () => {
  test.each(["resident", "external", "callback"] as const)("cells, tensors and functions, %s", (input) => {
    using executor = new PatchExecutor(workedNetwork, patches({ input }));
    const image = tensor(workedInput, { shape: [1, 1, 16, 1] });
    expect(values(executor.run(workedInput))).toEqual(workedOutput);
    expect(values(executor.run(image))).toEqual(workedOutput);
    expect(values(executor.run({ x: image }))).toEqual(workedOutput);
    expect(values(executor.run(tileOf(workedInput)))).toEqual(workedOutput);
  });

  test("a function is asked for each patch's part, or once for the whole of a resident input", () => {
    const asked: Box[] = [];
    using executor = new PatchExecutor(workedNetwork, patches({ input: "callback", grid: { rows: 1, columns: 2 } }));
    executor.run(tileOf(workedInput, asked));
    const row = { start: 0, end: 1 };
    expect(asked).toEqual([
      { rows: row, columns: { start: 0, end: 11 } },
      { rows: row, columns: { start: 6, end: 16 } },
    ]);
    const whole: Box[] = [];
    using resident = new PatchExecutor(workedNetwork, patches({ input: "resident" }));
    resident.run(tileOf(workedInput, whole));
    expect(whole).toEqual([{ rows: row, columns: { start: 0, end: 16 } }]);
  });

  test("where columns are kept, no cell is asked for twice", () => {
    const asked: Box[] = [];
    using executor = new PatchExecutor(workedNetwork, patches({ input: "callback", overlap: "cacheColumns" }));
    executor.run(tileOf(workedInput, asked));
    for (const [i, { columns }] of asked.entries()) expect(columns.start).toBe(asked[i - 1]?.columns.end ?? 0);
  });

  test("inputs are not written to", () => {
    const input = workedInput.slice();
    using executor = new PatchExecutor(workedNetwork, planLayers(workedNetwork));
    executor.run(input);
    expect(input).toEqual(workedInput);
  });

  test("what does not fit is refused", () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    expect(codeOf(() => executor.run(new Float32Array(15)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => executor.run(new Int8Array(16)))).toBe("DTYPE_MISMATCH");
    expect(codeOf(() => executor.run(tensor(workedInput)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => executor.run(tensor(new Int8Array(16), { shape: [1, 1, 16, 1] })))).toBe("DTYPE_MISMATCH");
    expect(codeOf(() => executor.run({}))).toBe("OPTION");
    for (const none of [undefined, null, 5]) expect(codeOf(() => executor.run(none as never))).toBe("OPTION");
    expect(() => executor.run({ x: null as never })).toThrow("cells of float32 are wanted, not null");
    expect(codeOf(() => executor.run({ x: workedInput, z: workedInput }))).toBe("OPTION");
    expect(codeOf(() => executor.run(async () => {}))).toBe("OPTION");
    // And the executor still runs.
    expect(values(executor.run(workedInput))).toEqual(workedOutput);
  });
});

describe("outputs", () => {
  test("a sink takes the parts in the order of patches, and only then is the output missing in the result", () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    const row = new Float32Array(8);
    const starts: number[] = [];
    const outputs = executor.run(workedInput, {
      sink: (name, { columns }, cells) => {
        expect(name).toBe("y2");
        expect(cells.length).toBe(columns.end - columns.start);
        starts.push(columns.start);
        row.set(cells as Float32Array, columns.start);
      },
    });
    expect(outputs).toEqual({});
    expect(starts).toEqual([0, 2, 4, 6]);
    expect([...row]).toEqual(workedOutput);
    expect(values(executor.run(workedInput))).toEqual(workedOutput);
  });

  test("outputs that stay in the arena are given back, sink or not", () => {
    using executor = new PatchExecutor(workedNetwork, patches({ output: "resident" }));
    const sink = (): void => expect.unreachable();
    expect(values(executor.run(workedInput, { sink }))).toEqual(workedOutput);
  });

  test("results are copies: the next run does not change them", () => {
    using executor = new PatchExecutor(workedNetwork, patches({ output: "resident" }));
    const first = executor.run(workedInput);
    executor.run(new Float32Array(16));
    expect(values(first)).toEqual(workedOutput);
  });

  test("an output that later layers read, and one that two ports show", () => {
    const base = rowNetwork(16, [{ weights: [1, -2, 1], bias: 1, stride: 2, after: 1 }, { weights: [1] }]);
    const { outputs } = networkOfMaps(Object.values(base.maps), base.layers, ["y1", "y2"]);
    const both: Network = {
      ...base,
      outputs: [...outputs, { ...(outputs[0] as Network["outputs"][number]), name: "again" }],
    };
    for (const output of ["external", "resident"] as const) {
      using executor = new PatchExecutor(both, planPatches(both, { split: 1, grid: { rows: 1, columns: 3 }, output }));
      const found = executor.run(workedInput);
      const y1 = [1, 1, 6, 1, -4, 1, 1, 5];
      expect(
        Object.fromEntries(Object.entries(found).map(([name, each]) => [name, [...(each.dataSync() as Float32Array)]])),
      ).toEqual({
        y1,
        y2: y1,
        again: y1,
      });
    }
  });

  test("runSingle gives the only output", () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    expect([...(executor.runSingle(workedInput).dataSync() as Float32Array)]).toEqual(workedOutput);
    const two = networkOfMaps(Object.values(workedNetwork.maps), workedNetwork.layers, ["y1", "y2"]);
    using other = new PatchExecutor(two, planLayers(two));
    expect(codeOf(() => other.runSingle(workedInput))).toBe("OPTION");
  });
});

describe("runAsync", () => {
  test("promises of sources and sinks are waited for", async () => {
    using executor = new PatchExecutor(workedNetwork, patches({ input: "callback" }));
    const tile = tileOf(workedInput);
    const row = new Float32Array(8);
    let busy = 0;
    const soon = async (work: () => void): Promise<void> => {
      expect(busy++).toBe(0);
      await Promise.resolve();
      work();
      busy--;
    };
    await executor.runAsync((box, into) => soon(() => tile(box, into)), {
      sink: (_, { columns }, cells) => soon(() => row.set(cells as Float32Array, columns.start)),
    });
    expect([...row]).toEqual(workedOutput);
    using resident = new PatchExecutor(workedNetwork, patches({ input: "resident" }));
    expect(values(await resident.runAsync((box, into) => soon(() => tile(box, into))))).toEqual(workedOutput);
  });

  test("when several functions fail, the first failure is thrown and the others are over", async () => {
    const maps = ["a", "b", "y"].map((name) => ({ name, height: 1, width: 2, channels: 1, type: "float32" as const }));
    const clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
    const add = { kind: "binary", fn: "add", name: "add", inputs: ["a", "b"], output: "y", clamp } as const;
    const one = networkOfMaps(maps, [add], ["y"]);
    const network: Network = { ...one, inputs: [...one.inputs, { ...(one.inputs[0] as Port), name: "b", map: "b" }] };
    const unheard: unknown[] = [];
    const listener = (reason: unknown): void => void unheard.push(reason);
    process.on("unhandledRejection", listener);
    const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    const failing = (text: string) => async (): Promise<void> => {
      await turns();
      throw new Error(text);
    };
    try {
      for (const input of ["callback", "resident"] as const) {
        using executor = new PatchExecutor(network, planLayers(network, { input }));
        let over = false;
        const late = async (): Promise<void> => {
          await turns();
          await turns();
          over = true;
          throw new Error("late");
        };
        await expect(executor.runAsync({ a: failing("early"), b: late })).rejects.toThrow("early");
        expect(over).toBe(true);
        const atOnce = (): void => {
          throw new Error("at once");
        };
        await expect(executor.runAsync({ a: failing("early"), b: atOnce })).rejects.toThrow("early");
        expect(() => executor.run({ a: failing("early"), b: failing("late") })).toThrow("use runAsync");
        const given = { a: Float32Array.of(1, 2), b: Float32Array.of(10, 20) };
        expect((await executor.runAsync(given))["y"]?.dataSync()).toEqual(Float32Array.of(11, 22));
      }
      await turns();
      await turns();
    } finally {
      process.off("unhandledRejection", listener);
    }
    expect(unheard).toEqual([]);
  });

  test("progress counts the patches of all stages", async () => {
    const plan = planPatches(workedNetwork, { split: 1, grid: { rows: 1, columns: 3 } });
    using executor = new PatchExecutor(workedNetwork, plan);
    const seen: PatchProgress[] = [];
    await executor.runAsync(workedInput, { onPatch: (progress) => seen.push(progress), yieldEvery: 2 });
    expect(seen).toEqual([
      { stage: 0, row: 0, column: 0, done: 1, total: 4 },
      { stage: 0, row: 0, column: 1, done: 2, total: 4 },
      { stage: 0, row: 0, column: 2, done: 3, total: 4 },
      { stage: 1, row: 0, column: 0, done: 4, total: 4 },
    ]);
  });

  test("other work gets its turn, and may stop the run", async () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    const controller = new AbortController();
    let done = 0;
    const run = executor.runAsync(workedInput, {
      signal: controller.signal,
      onPatch: () => {
        // setImmediate comes after the patch, and before the next one only if the run gives way.
        if (++done === 2) setImmediate(() => controller.abort(new Error("enough")));
      },
    });
    await expect(run).rejects.toThrow("enough");
    expect(done).toBeLessThan(4);
    expect(values(executor.run(workedInput))).toEqual(workedOutput);
  });

  test("one run at a time", async () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    const first = executor.runAsync(workedInput);
    expect(codeOf(() => executor.run(workedInput))).toBe("OPTION");
    await expect(executor.runAsync(workedInput)).rejects.toMatchObject({ code: "OPTION" });
    expect(values(await first)).toEqual(workedOutput);
    await expect(executor.runAsync(workedInput, { yieldEvery: 0 })).rejects.toMatchObject({ code: "OPTION" });
  });
});

describe("order of patches", () => {
  test("any order gives the same numbers where overlaps are computed again", () => {
    using executor = new PatchExecutor(workedNetwork, patches(), { guard: true });
    const seen: number[] = [];
    const found = executor.run(workedInput, {
      patchOrder: (stage, count) => {
        expect([stage, count]).toEqual([0, 4]);
        return [2, 0, 3, 1];
      },
    });
    expect(values(found)).toEqual(workedOutput);
    executor.run(workedInput, {
      patchOrder: () => [3, 1, 2, 0],
      sink: (_, { columns }) => void seen.push(columns.start),
    });
    expect(seen).toEqual([6, 2, 4, 0]);
  });

  test("orders without each patch once, and of stages that keep what patches share, are refused", () => {
    using executor = new PatchExecutor(workedNetwork, patches());
    expect(codeOf(() => executor.run(workedInput, { patchOrder: () => [0, 1, 2] }))).toBe("OPTION");
    expect(codeOf(() => executor.run(workedInput, { patchOrder: () => [0, 1, 1, 3] }))).toBe("OPTION");
    using kept = new PatchExecutor(workedNetwork, patches({ overlap: "cacheColumns" }));
    expect(codeOf(() => kept.run(workedInput, { patchOrder: () => [1, 0, 2, 3] }))).toBe("OPTION");
    expect(values(kept.run(workedInput, { patchOrder: () => undefined }))).toEqual(workedOutput);
  });
});

describe("memory", () => {
  test("the arena is the plan's, and all of it is used", () => {
    const plan = patches();
    using executor = new PatchExecutor(workedNetwork, plan);
    expect(executor.arenaBytes).toBe(plan.arenaBytes);
    expect(executor.highWaterBytes).toBe(0);
    executor.run(workedInput);
    expect(executor.highWaterBytes).toBe(plan.arenaBytes);
  });

  test("a run makes no typed arrays but its results", () => {
    using executor = new PatchExecutor(workedNetwork, patches({ overlap: "cacheColumns" }), {
      kernels: typescriptKernels,
    });
    const sink = (): void => {};
    const run = (): unknown => executor.run(workedInput, { sink });
    expect(countTypedArrays(run)).toBeGreaterThan(0);
    expect(countTypedArrays(run)).toBe(0);
    expect(countTypedArrays(() => executor.run(workedInput))).toBeLessThan(4);
  });

  test("a disposed executor does not run", () => {
    const executor = new PatchExecutor(workedNetwork, patches());
    executor[Symbol.dispose]();
    executor[Symbol.dispose]();
    expect(codeOf(() => executor.run(workedInput))).toBe("OPTION");
  });
});

test("a plan of another network is refused", () => {
  const other = rowNetwork(16, [
    { weights: [1, -2, 2], bias: 1, stride: 2, after: 1 },
    { weights: [0.5, 1, -1], before: 1, after: 1 },
  ]);
  expect(codeOf(() => new PatchExecutor(other, patches()))).toBe("PLAN_MISMATCH");
});

test("a plan is plain JSON: one that was written and read runs", () => {
  const plan = JSON.parse(JSON.stringify(patches())) as Plan;
  using executor = new PatchExecutor(workedNetwork, plan);
  expect(values(executor.run(workedInput))).toEqual(workedOutput);
});

/** How many typed arrays are made while `run` runs, views included. */
function countTypedArrays(run: () => unknown): number {
  let made = 0;
  const globals = globalThis as unknown as Record<string, new (...args: never[]) => object>;
  const names = ["Float32Array", "Int8Array", "Uint8Array"];
  const originals = names.map((name) => globals[name] as new (...args: never[]) => object);
  const parent = Object.getPrototypeOf(Uint8Array.prototype) as { subarray: (...args: number[]) => unknown };
  const { subarray } = parent;
  names.forEach((name, i) => {
    globals[name] = new Proxy(originals[i] as new (...args: never[]) => object, {
      construct(target, args) {
        made++;
        return Reflect.construct(target, args) as object;
      },
    });
  });
  parent.subarray = function (this: unknown, ...args: number[]): unknown {
    made++;
    return subarray.apply(this, args);
  };
  try {
    run();
  } finally {
    parent.subarray = subarray;
    names.forEach((name, i) => {
      globals[name] = originals[i] as new (...args: never[]) => object;
    });
  }
  return made;
}
