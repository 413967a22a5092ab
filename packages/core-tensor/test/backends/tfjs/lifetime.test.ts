import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Tf, type TfTensor, tfjs } from "../../../src/backends/tfjs/index.ts";
import { DeviceError, add, exp, mul, scan, spec, sum, tensor, trace } from "../../../src/index.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { engines, held, tf, useEngine } from "./engines.ts";
import { floats } from "./graphs.ts";

const chain = trace(
  (x: Tensor) => {
    let value = x;
    for (let i = 0; i < 20; i++) value = exp(mul(value, 0.1));
    return value;
  },
  spec(["length"]),
);

/** The engine with another `exp`. */
function withExp(replacement: (x: TfTensor) => TfTensor): Tf {
  return { ...tf, exp: replacement } as Tf;
}

/** The engine whose `exp` fails at a call of it. */
function failing(at: number): Tf {
  let calls = 0;
  return withExp((x) => {
    if (++calls === at) throw new Error("out of memory");
    return (tf as Tf).exp(x);
  });
}

describe.each(engines)("what the %s backend of TensorFlow.js holds", (engine) => {
  beforeAll(() => useEngine(engine));

  let before = { tensors: 0, buffers: 0 };
  beforeAll(() => {
    before = held();
  });
  afterEach(() => expect(held()).toEqual(before));

  test("intermediate values are freed after their last reader", async () => {
    let peak = 0;
    const backend = tfjs(
      withExp((x) => {
        const result = (tf as Tf).exp(x);
        peak = Math.max(peak, tf.memory().numBytes);
        return result;
      }),
    );
    const executable = await backend.compile(chain);
    const size = 4000;
    const start = tf.memory().numBytes;
    const { output } = await executable.run({ input: floats([size]) });
    // What exp reads and what it makes, and the scalars of the program.
    expect(peak - start).toBeLessThanOrEqual(2 * 4 * size + 100);
    output?.dispose();
    await backend.dispose();
  });

  test("the engine's memory does not grow over runs", async () => {
    const backend = tfjs(tf);
    const executable = await backend.compile(chain);
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      (await executable.run({ input: floats([10]) }))["output"]?.dispose();
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    await backend.dispose();
  });

  test("everything is freed when a node throws", async () => {
    for (const at of [1, 7, 20]) {
      const backend = tfjs(failing(at));
      const executable = await backend.compile(chain);
      const compiled = held();
      const run = executable.run({ input: floats([10]) });
      await expect(run).rejects.toThrow(DeviceError);
      await expect(run).rejects.toThrow('tfjs: "exp" in the program "graph" failed in TensorFlow.js: out of memory');
      expect(held()).toEqual(compiled);
      await backend.dispose();
    }
  });

  test("everything is freed when a step of a scan throws", async () => {
    const graph = trace(
      (start: Tensor, xs: Tensor) =>
        scan((total: Tensor, x: Tensor) => [exp(mul(add(total, x), 0.1)), total], start, xs),
      spec([2]),
      spec([6, 2]),
    );
    const backend = tfjs(failing(4));
    const executable = await backend.compile(graph);
    const compiled = held();
    await expect(executable.run({ arg0: floats([2]), arg1: floats([6, 2]) })).rejects.toThrow("out of memory");
    expect(held()).toEqual(compiled);
    await backend.dispose();
  });

  test("everything is freed when the upload of a constant throws", async () => {
    let uploads = 0;
    const engineThatFills: Tf = {
      ...tf,
      tensor: (...args: Parameters<Tf["tensor"]>) => {
        if (++uploads === 2) throw new Error("full");
        return (tf as Tf).tensor(...args);
      },
    } as Tf;
    const graph = trace((x: Tensor) => add(mul(x, tensor([1, 2])), tensor([3, 4])), spec([2]));
    const backend = tfjs(engineThatFills);
    await expect(backend.compile(graph)).rejects.toThrow("full");
    expect(backend.memory().programs).toBe(0);
  });

  test("an aborted signal stops compiling and running before anything is allocated", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const backend = tfjs(tf);
    await expect(backend.compile(chain, { signal })).rejects.toThrow("enough");
    const executable = await backend.compile(chain);
    const compiled = held();
    await expect(executable.run({ input: floats([3]) }, { signal })).rejects.toThrow("enough");
    expect(held()).toEqual(compiled);
    await backend.dispose();
  });

  test("results outlive a scope of the user's", async () => {
    const backend = tfjs(tf);
    const executable = await backend.compile(trace((x: Tensor) => exp(x), spec([2])));
    tf.engine().startScope();
    const input = await backend.put([0, 0]);
    const { output } = await executable.run({ input });
    tf.engine().endScope();
    expect(Array.from((await output?.data()) as Float32Array)).toEqual([1, 1]);
    await backend.dispose();
  });

  test("memory() counts programs, constants, inputs and results; dispose frees them", async () => {
    const backend = tfjs(tf);
    expect(backend.memory()).toEqual({ programs: 0, tensors: 0, bytes: 0 });
    const executable = await backend.compile(trace((x: Tensor) => add(sum(x), tensor([1, 2, 3])), spec([2])));
    expect(backend.memory()).toEqual({ programs: 1, tensors: 1, bytes: 12 });
    const input = await backend.put([1, 2]);
    const flags = await backend.put([true, false, true]);
    expect(backend.memory()).toEqual({ programs: 1, tensors: 3, bytes: 12 + 8 + 3 });
    const { output } = await executable.run({ input });
    expect(backend.memory()).toEqual({ programs: 1, tensors: 4, bytes: 12 + 8 + 3 + 12 });
    flags.dispose();
    flags.dispose();
    output?.[Symbol.dispose]();
    await executable.dispose();
    await executable.dispose();
    expect(backend.memory()).toEqual({ programs: 0, tensors: 1, bytes: 8 });
    await expect(executable.run({ input })).rejects.toThrow(/tfjs: the program ".*" was run after it was disposed of/);
    await backend.dispose();
    expect(backend.memory()).toEqual({ programs: 0, tensors: 0, bytes: 0 });
  });

  test("tensors and programs are refused after they were disposed of", async () => {
    const backend = tfjs(tf);
    const graph = trace((x: Tensor) => exp(x), spec([2]));
    const executable = await backend.compile(graph);
    const gone = await backend.put([1, 2]);
    gone.dispose();
    await expect(executable.run({ input: gone })).rejects.toThrow(DeviceError);
    const kept = await backend.put([1, 2]);
    await backend.dispose();
    await expect(kept.data()).rejects.toThrow('a tensor on "tfjs" was used after its backend was disposed of');
    await expect(executable.run({ input: [1, 2] })).rejects.toThrow(DeviceError);
    await expect(backend.compile(graph)).rejects.toThrow("tfjs: the backend was used after it was disposed of");
    await expect(backend.put([1])).rejects.toThrow(DeviceError);
    kept.dispose();
  });
});
