import { type Backend, type HostTensor, random, tensor } from "@parsimony/core-tensor";
import { reference } from "@parsimony/core-tensor/reference";
import {
  type Criterion,
  density,
  exponentialSchedule,
  grasp,
  isSubmask,
  lamp,
  linearSchedule,
  magnitude,
  type Mask,
  type Named,
  onesMask,
  pruneAtInit,
  type PruneAtInitOptions,
  type PruneAtInitStep,
  pruneByScore,
  randomScores,
  snip,
  synflow,
} from "@parsimony/lottery";
import { describe, expect, test } from "vitest";
import { maskOf, mlp, mlpLoss, tinyNet, valuesOf } from "./nets.ts";

const backend = reference();

/** Layers without biases, some of which are much smaller than others. */
const sizes = [12, 10, 8, 6, 3];
const net: Named = Object.fromEntries(
  sizes.slice(1).map((columns, i) => {
    const rows = sizes[i] as number;
    const values = random.normal(random.key(i + 1), [rows, columns]).dataSync() as Float32Array;
    return [
      `w${i + 1}`,
      tensor(
        values.map((value) => value * 0.5 ** i),
        { shape: [rows, columns] },
      ),
    ];
  }),
);
const full = onesMask(net);
const size = density(full).size;

/** Does a path of kept weights lead from an input to an output? */
function connected(mask: Mask): boolean {
  let reached = new Array<boolean>(sizes[0] as number).fill(true);
  for (let layer = 1; layer < sizes.length; layer++) {
    const rows = (mask[`w${layer}`] as HostTensor).toArray() as boolean[][];
    reached = Array.from({ length: sizes[layer] as number }, (_, j) => rows.some((row, i) => reached[i] && row[j]));
  }
  return reached.includes(true);
}

test("one iteration is a global pruning by the scores", async () => {
  const { mask, report } = await pruneAtInit(magnitude, net, full, { density: 0.2 });
  expect(mask).toEqual(pruneByScore(magnitude(net, full), full, { density: 0.2, scope: "global", allowEmpty: true }));
  const kept = Math.floor(0.2 * size + 0.5);
  expect(report.steps).toEqual([{ iteration: 0, iterations: 1, target: 0.2, kept, density: kept / size }]);
  expect(report.density).toEqual(density(mask));
});

test("scope layer prunes every tensor alike", async () => {
  const { report } = await pruneAtInit(magnitude, net, full, { density: 0.5, scope: "layer" });
  for (const { kept, size: own } of Object.values(report.density.tensors))
    expect(kept).toBe(Math.floor(0.5 * own + 0.5));
});

test.each([
  ["exponential", exponentialSchedule, (i: number) => 0.1 ** (i / 4)],
  ["linear", linearSchedule, (i: number) => 1 - (0.9 * i) / 4],
  ["of one's own", (target: number, i: number) => (i < 3 ? 1 : target), (i: number) => (i < 3 ? 1 : 0.1)],
])("the %s schedule says what each iteration leaves, and masks are nested", async (_, schedule, wanted) => {
  const steps: PruneAtInitStep[] = [];
  const masks: Mask[] = [full];
  const { mask, report } = await pruneAtInit(magnitude, net, full, {
    density: 0.1,
    iterations: 4,
    schedule,
    onProgress: async (step, current) => {
      await Promise.resolve();
      steps.push(step);
      masks.push(current);
    },
  });
  expect(steps).toEqual(report.steps);
  expect(steps.map(({ iteration, iterations }) => [iteration, iterations])).toEqual([
    [0, 4],
    [1, 4],
    [2, 4],
    [3, 4],
  ]);
  steps.forEach(({ target, kept, density: share }, i) => {
    expect(target).toBeCloseTo(wanted(i + 1), 14);
    expect(kept).toBe(Math.floor(target * size + 0.5));
    expect(share).toBe(kept / size);
  });
  expect(steps[3]?.target).toBe(0.1);
  for (let i = 1; i < masks.length; i++) expect(isSubmask(masks[i] as Mask, masks[i - 1] as Mask)).toBe(true);
  expect(mask).toBe(masks[4]);
});

test("a mask that is pruned already is where the schedule starts", async () => {
  const { mask: half } = await pruneAtInit(magnitude, net, full, { density: 0.5 });
  const { report } = await pruneAtInit(magnitude, net, half, { density: 0.125, iterations: 2 });
  const start = density(half).density;
  expect(report.steps[0]?.target).toBeCloseTo(start * (0.125 / start) ** 0.5, 14);
  expect(report.density.kept).toBe(Math.floor(0.125 * size + 0.5));
});

test("the criterion sees masked parameters, the mask so far and where it stands", async () => {
  const seen: [number, number, number][] = [];
  const { signal } = new AbortController();
  const criterion: Criterion<Named> = (params, mask, context) => {
    for (const name of Object.keys(mask)) {
      const kept = valuesOf(mask, name);
      valuesOf(params, name).forEach((value, i) => expect(kept[i] === 1 || Object.is(value, 0)).toBe(true));
    }
    expect(context.signal).toBe(signal);
    seen.push([context.iteration, context.iterations, density(mask).kept]);
    return Promise.resolve(magnitude(params, mask));
  };
  await pruneAtInit(criterion, net, full, { density: 0.25, iterations: 2, signal });
  expect(seen).toEqual([
    [0, 2, size],
    [1, 2, size / 2],
  ]);
});

test("criteria of one's own and the package's are the same thing", async () => {
  const mine: Criterion = (_, mask) => randomScores(mask, 11);
  const once = await pruneAtInit(mine, net, full, { density: 0.3 });
  // Scores that depend on the place alone rank alike however often they are taken.
  const often = await pruneAtInit(mine, net, full, { density: 0.3, iterations: 7 });
  expect(often.mask).toEqual(once.mask);
});

describe("layer collapse", () => {
  const options = { density: 0.04, iterations: 50 };

  test("magnitude empties layers at 4 % and cuts the net in two; the report names them", async () => {
    const { mask, report } = await pruneAtInit(magnitude, net, full, options);
    expect(report.collapsed).toEqual(["w2", "w3", "w4"]);
    expect(connected(mask)).toBe(false);
  });

  test("iterated SynFlow leaves a path from input to output (S4)", async () => {
    const criterion = synflow(mlp, { inputShape: [1, 12], backend });
    const { mask, report } = await pruneAtInit(criterion, net, full, options);
    expect(report.collapsed).toEqual([]);
    expect(report.density.kept).toBe(Math.floor(0.04 * size + 0.5));
    expect(connected(mask)).toBe(true);
  });

  test("minPerTensor keeps the best of every tensor, at the price of others", async () => {
    const { report } = await pruneAtInit(magnitude, net, full, { ...options, minPerTensor: 2 });
    expect(report.collapsed).toEqual([]);
    expect(Math.min(...Object.values(report.density.tensors).map(({ kept }) => kept))).toBe(2);
    expect(report.density.kept).toBe(Math.floor(0.04 * size + 0.5));
  });

  test("LAMP keeps something of every tensor", async () => {
    const { report } = await pruneAtInit(lamp, net, full, options);
    expect(report.collapsed).toEqual([]);
  });
});

test("a compiled criterion compiles once for all iterations, and again after it was freed", async () => {
  let compiled = 0;
  let freed = 0;
  const counting: Backend = {
    ...backend,
    name: backend.name,
    device: backend.device,
    async compile(graph, options) {
      compiled++;
      const executable = await backend.compile(graph, options);
      return {
        ...executable,
        run: (inputs, runOptions) => executable.run(inputs, runOptions),
        dispose: async () => {
          freed++;
          await executable.dispose();
        },
      };
    },
    dispose: () => backend.dispose(),
  };
  const { params, batch } = tinyNet();
  const criterion = snip(mlpLoss, [batch], { backend: counting });
  await pruneAtInit(criterion, params, onesMask(params), { density: 0.3, iterations: 5 });
  expect([compiled, freed]).toEqual([1, 0]);
  await criterion.dispose();
  expect([compiled, freed]).toEqual([1, 1]);
  await criterion(params, onesMask(params));
  expect(compiled).toBe(2);
});

describe("bad input", () => {
  const ask = (options: Partial<PruneAtInitOptions>, criterion: Criterion<Named> = magnitude): Promise<unknown> =>
    pruneAtInit(criterion, net, full, { density: 0.5, ...options });

  test.each<[string, Partial<PruneAtInitOptions>, string]>([
    ["density 0", { density: 0 }, "E_RATE"],
    ["density above 1", { density: 1.1 }, "E_RATE"],
    ["density NaN", { density: Number.NaN }, "E_RATE"],
    ["a density that leaves nothing", { density: 1e-6 }, "E_EMPTY"],
    ["no iterations", { iterations: 0 }, "E_OPTION"],
    ["half an iteration", { iterations: 1.5 }, "E_OPTION"],
    ["negative minPerTensor", { minPerTensor: -1 }, "E_OPTION"],
    ["an unknown scope", { scope: "net" as never }, "E_OPTION"],
    ["a schedule that rises", { iterations: 3, schedule: (_, i) => (i === 1 ? 0.5 : 0.9) }, "E_RATE"],
  ])("%s", async (_, options, code) => {
    await expect(ask(options)).rejects.toThrow(expect.objectContaining({ code }));
  });

  test("a density above the mask's, before anything is scored", async () => {
    const { mask } = await pruneAtInit(magnitude, net, full, { density: 0.2 });
    let scored = 0;
    const counting: Criterion = (params, current) => {
      scored++;
      return magnitude(params, current);
    };
    const again = pruneAtInit(counting, net, mask, { density: 0.5 });
    await expect(again).rejects.toThrow(expect.objectContaining({ code: "E_RATE" }));
    expect(scored).toBe(0);
  });

  test("scores that are no numbers, have another shape, or are missing", async () => {
    const nan: Criterion = (params, mask) => {
      const scores = magnitude(params, mask);
      return {
        ...scores,
        w2: tensor(
          valuesOf(scores, "w2").map((value, i) => (i === 3 ? Number.NaN : value)),
          { shape: [10, 8] },
        ),
      };
    };
    await expect(ask({}, nan)).rejects.toThrow(
      expect.objectContaining({ code: "E_NON_FINITE", tensor: "w2", index: 3 }),
    );
    const flat: Criterion = (params, mask) => ({ ...magnitude(params, mask), w2: tensor([1, 2]) });
    await expect(ask({}, flat)).rejects.toThrow(expect.objectContaining({ code: "E_PARAMETERS", tensor: "w2" }));
    await expect(ask({}, () => ({}))).rejects.toThrow(expect.objectContaining({ code: "E_PARAMETERS", tensor: "w1" }));
  });

  test("a mask of another net", async () => {
    const wrong = pruneAtInit(magnitude, { w1: tensor([[1, 2]]) }, full, { density: 0.5 });
    await expect(wrong).rejects.toThrow(expect.objectContaining({ code: "E_MASK", tensor: "w1" }));
  });

  test("an aborted signal stops between iterations, with its reason", async () => {
    const controller = new AbortController();
    let iterations = 0;
    const onProgress = (): void => {
      if (++iterations === 2) controller.abort(new Error("enough"));
    };
    await expect(ask({ iterations: 9, onProgress, signal: controller.signal })).rejects.toThrow("enough");
    expect(iterations).toBe(2);
  });
});

describe("losses without a gradient", () => {
  const { params, batch } = tinyNet();
  const full = onesMask(params);
  const none = maskOf(params, { w1: new Array(12).fill(0), w2: new Array(8).fill(0) });

  test("SNIP and GraSP refuse what gives only zeros, SynFlow a net without a path", async () => {
    const refused = (code: string): unknown => expect.objectContaining({ code });
    await expect(snip(mlpLoss, [batch], { backend })(params, none)).rejects.toThrow(refused("E_NON_FINITE"));
    await expect(grasp(mlpLoss, [batch], { backend })(params, none)).rejects.toThrow(refused("E_NON_FINITE"));
    await expect(synflow(mlp, { inputShape: [1, 3], backend })(params, none)).rejects.toThrow(refused("E_EMPTY"));
  });

  test("a gradient that is not finite has its place", async () => {
    const broken = { ...params, w2: tensor(new Float64Array(8).fill(1e308), { shape: [4, 2] }) };
    await expect(snip(mlpLoss, [batch], { backend })(broken, full)).rejects.toThrow(
      expect.objectContaining({ code: "E_NON_FINITE" }),
    );
    const flow = synflow(mlp, { inputShape: [1, 3], backend })(broken, full);
    await expect(flow).rejects.toThrow(expect.objectContaining({ code: "E_NON_FINITE" }));
  });

  test("no batches, no shape, no temperature", () => {
    expect(() => snip(mlpLoss, [])).toThrow(expect.objectContaining({ code: "E_OPTION" }));
    expect(() => synflow(mlp, { inputShape: [1, 0] })).toThrow(expect.objectContaining({ code: "E_OPTION" }));
    expect(() => synflow(mlp, { inputShape: [1, 3], dtype: "float16" as never })).toThrow(
      expect.objectContaining({ code: "E_OPTION" }),
    );
  });
});
