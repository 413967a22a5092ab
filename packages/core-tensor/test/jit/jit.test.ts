import { afterEach, expect, test, vi } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import {
  ArgumentError,
  type Backend,
  CoreTensorError,
  DeviceError,
  ShapeError,
  type Tensor,
  TraceError,
  add,
  grad,
  isHostTensor,
  jit,
  matmul,
  mul,
  neg,
  spec,
  sub,
  sum,
  tensor,
  trace,
} from "../../src/index.ts";

afterEach(() => {
  vi.doUnmock("../../src/backends/onnxruntime/index.ts");
  vi.resetModules();
});

/** The reference, with a count of what it compiles; `refuse` makes its first compilations fail. */
function counting(refuse = 0): Backend & { readonly compiled: string[] } {
  const engine = reference();
  const compiled: string[] = [];
  return {
    ...engine,
    compiled,
    async compile(graph) {
      compiled.push(graph.name);
      if (compiled.length <= refuse) throw new DeviceError("the engine has a bad day");
      return engine.compile(graph);
    },
  };
}

test("a program per signature: nesting, dtype and shape", async () => {
  const backend = counting();
  let traced = 0;
  const double = jit(
    (x: { readonly a: Tensor } | readonly Tensor[]) => {
      traced++;
      return "a" in x ? mul(x.a, 2) : mul(x[0] as Tensor, 2);
    },
    { backend },
  );
  expect((await double({ a: tensor([1, 2]) })).toArray()).toEqual([2, 4]);
  expect((await double({ a: tensor([3, 4]) })).toArray()).toEqual([6, 8]);
  expect([traced, double.programs, backend.compiled.length]).toEqual([1, 1, 1]);
  await double({ a: tensor([1, 2, 3]) });
  await double({ a: tensor([1, 2], { dtype: "float64" }) });
  expect((await double([tensor([5, 6])])).toArray()).toEqual([10, 12]);
  expect([traced, double.programs]).toEqual([4, 4]);
  await double([tensor([7, 8])]);
  expect(traced).toBe(4);
});

test("the order in which keys were written does not matter", async () => {
  const f = jit(({ a, b }: { a: Tensor; b: Tensor }) => sub(a, b), { backend: reference() });
  expect((await f({ a: tensor(3), b: tensor(1) })).item()).toBe(2);
  expect((await f({ b: tensor(1), a: tensor(3) })).item()).toBe(2);
  expect(f.programs).toBe(1);
});

test("numbers are float32 inputs: another value needs no other program", async () => {
  const step = jit((w: Tensor, rate: number | Tensor) => sub(w, mul(w, rate)), { backend: reference() });
  expect((await step(tensor([2, 4]), 0.5)).toArray()).toEqual([1, 2]);
  expect((await step(tensor([2, 4]), 0.25)).toArray()).toEqual([1.5, 3]);
  expect((await step(tensor([2, 4]), tensor(1))).toArray()).toEqual([0, 0]);
  expect(step.programs).toBe(1);
  expect(step.graph(tensor([1]), 0.1).types["arg1"]).toEqual({ dtype: "float32", shape: [] });
});

test("strings, booleans, null and undefined belong to the signature", async () => {
  const f = jit(
    (x: Tensor, { mode, flip }: { mode: string | null | undefined; flip: boolean }) => {
      const y = mode === "double" ? mul(x, 2) : mode === null ? mul(x, 0) : x;
      return flip ? neg(y) : y;
    },
    { backend: reference() },
  );
  const x = tensor([1]);
  expect((await f(x, { mode: "double", flip: true })).toArray()).toEqual([-2]);
  expect((await f(x, { mode: "double", flip: false })).toArray()).toEqual([2]);
  expect((await f(x, { mode: null, flip: false })).toArray()).toEqual([0]);
  expect((await f(x, { mode: undefined, flip: false })).toArray()).toEqual([1]);
  expect((await f(x, { mode: "null", flip: false })).toArray()).toEqual([1]);
  expect((await f(x, { mode: "undefined", flip: false })).toArray()).toEqual([1]);
  expect(f.programs).toBe(6);
  await f(x, { mode: null, flip: false });
  expect(f.programs).toBe(6);
});

test("dynamic axes: one program for many lengths", async () => {
  const predict = jit((w: Tensor, { x, y }: { x: Tensor; y: Tensor }) => add(matmul(x, w), y), {
    backend: reference(),
    dynamicAxes: [undefined, { 0: "batch" }],
  });
  const w = tensor([[1], [2]]);
  for (const batch of [0, 1, 3, 7]) {
    const x = tensor(new Float32Array(2 * batch).fill(1), { shape: [batch, 2] });
    const y = tensor(new Float32Array(batch), { shape: [batch, 1] });
    expect((await predict(w, { x, y })).toArray()).toEqual(Array.from({ length: batch }, () => [3]));
  }
  expect(predict.programs).toBe(1);
  expect(predict.graph(w, { x: tensor([[1, 1]]), y: tensor([[1]]) }).types["arg1.x"]!.shape).toEqual(["batch", 2]);
  await expect(predict(w, { x: tensor([[1, 1]]), y: tensor([[1], [2]]) })).rejects.toThrow(/batch = 1/);
});

test("dynamic axes that are none are refused", async () => {
  for (const axis of [1, -1, 0.5]) {
    const f = jit(
      function predict(x: Tensor) {
        return x;
      },
      { backend: reference(), dynamicAxes: [{ [axis]: "batch" }] },
    );
    await expect(f(tensor([1]))).rejects.toThrow(ArgumentError);
    await expect(f(tensor([1]))).rejects.toThrow(/predict: dynamicAxes of arg0: expected axes in \[0, 1\)/);
  }
  const f = jit((x: Tensor) => x, { backend: reference(), dynamicAxes: [{ 0: "2*n" }] });
  await expect(f(tensor([1]))).rejects.toThrow(/expected a name such as batch, got "2\*n"/);
});

test("results keep their nesting; numbers in them become tensors", async () => {
  const backend = reference();
  const single = await jit((x: Tensor) => x, { backend })(tensor([1]));
  expect(single.toArray()).toEqual([1]);
  const [sum2, twice] = await jit((x: Tensor) => [sum(x), mul(x, 2)] as const, { backend })(tensor([1, 2]));
  expect([sum2.item(), twice.toArray()]).toEqual([3, [2, 4]]);
  const nested = await jit(
    (x: Tensor) => ({ loss: sum(x), parts: [x, { again: x, count: 7 }] as const, nothing: [] as const }),
    { backend },
  )(tensor([1, 2]));
  expect(nested.parts[1].count.item()).toBe(7);
  expect(nested).toEqual({
    loss: tensor(3),
    parts: [tensor([1, 2]), { again: tensor([1, 2]), count: tensor(7) }],
    nothing: [],
  });
  const number = await jit(() => 5, { backend })();
  expect(number.item()).toBe(5);
  expect(await jit(() => ({}), { backend })()).toEqual({});
});

test("a gradient step inside a program", async () => {
  const loss = (w: Tensor, x: Tensor): Tensor => sum(mul(mul(w, w), x));
  const step = jit((w: Tensor, x: Tensor) => sub(w, mul(0.1, grad(loss)(w, x))), { backend: reference() });
  expect((await step(tensor([1, 2]), tensor([1, 0]))).toArray()).toEqual([Math.fround(0.8), 2]);
});

test("errors while tracing name the op, what was found and the function", async () => {
  const f = jit(
    function classify(x: Tensor) {
      return matmul(x, tensor([[1]]));
    },
    { backend: reference() },
  );
  await expect(f(tensor([[1, 2]]))).rejects.toThrow(ShapeError);
  await expect(f(tensor([[1, 2]]))).rejects.toThrow(/matmul.*\n.*while tracing the function "classify"/s);
  expect(f.programs).toBe(0);
  expect(() => f.graph(tensor([[1, 2]]))).toThrow(ShapeError);
  const wrong = jit(
    function report(x: Tensor) {
      return { x, note: "text" };
    },
    { backend: reference() },
  );
  await expect(wrong(tensor(1))).rejects.toThrow(/note: expected a tensor.*got string\n.*"report"/s);
});

test("arguments that are no trees of values are refused by their place", async () => {
  const f = jit(
    function predict(x: unknown) {
      return x as Tensor;
    },
    { backend: reference() },
  );
  await expect(f({ a: [1n] })).rejects.toThrow(/predict: argument 0, a\.0: expected tensors.*got bigint/);
  await expect(f(new Float32Array(2))).rejects.toThrow(/predict: argument 0: .*got Float32Array/);
  await expect(f(() => 1)).rejects.toThrow(ArgumentError);
});

test("a jitted function cannot be called inside a traced one", () => {
  const inner = jit(
    function inner(x: Tensor) {
      return x;
    },
    { backend: reference() },
  );
  const attempt = (): unknown =>
    trace(
      (x: Tensor) => {
        // Refused at once: a promise would be left unhandled here.
        void inner(x);
        return x;
      },
      spec([1]),
    );
  expect(attempt).toThrow(TraceError);
  expect(attempt).toThrow(/inner: a jitted function was called inside a traced one/);
});

test("calls at the same time share one compilation; one that failed is tried again", async () => {
  const backend = counting(1);
  const f = jit((x: Tensor) => mul(x, 2), { backend });
  const first = await Promise.allSettled([f(tensor(1)), f(tensor(2))]);
  expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect([backend.compiled.length, f.programs]).toEqual([1, 0]);
  const again = await Promise.all([f(tensor(1)), f(tensor(2)), f(tensor(3))]);
  expect(again.map((x) => x.item())).toEqual([2, 4, 6]);
  expect([backend.compiled.length, f.programs]).toEqual([2, 1]);
});

test("dispose frees the programs, also those under way, and leaves a given backend alone", async () => {
  const backend = reference();
  const f = jit((x: Tensor) => mul(x, 2), { backend });
  await f(tensor(1));
  await f(tensor([1]));
  expect(backend.memory().programs).toBe(2);
  await f.dispose();
  expect([backend.memory().programs, f.programs]).toEqual([0, 0]);
  const call = f(tensor(4));
  await Promise.all([f.dispose(), call.catch(() => undefined)]);
  expect(backend.memory().programs).toBe(0);
  expect((await f(tensor(4))).item()).toBe(8);
  await f.dispose();
  await f.dispose();
});

test("a backend may be a promise", async () => {
  const f = jit((x: Tensor) => x, { backend: Promise.resolve(reference()) });
  expect((await f(tensor(1))).item()).toBe(1);
  const broken = jit((x: Tensor) => x, { backend: Promise.reject(new DeviceError("no such device")) });
  await expect(broken(tensor(1))).rejects.toThrow("no such device");
});

test("the default backend is started once, and ends with the function", async () => {
  let disposed = 0;
  const onnxruntime = vi.fn(async () => ({ ...reference(), dispose: async () => void disposed++ }));
  vi.doMock("../../src/backends/onnxruntime/index.ts", () => ({ onnxruntime }));
  const f = jit((x: Tensor) => mul(x, 2));
  expect((await f(tensor(1))).item()).toBe(2);
  expect((await f(tensor([1]))).toArray()).toEqual([2]);
  expect(onnxruntime).toHaveBeenCalledTimes(1);
  await f.dispose();
  expect(disposed).toBe(1);
  expect((await f(tensor(2))).item()).toBe(4);
  expect(onnxruntime).toHaveBeenCalledTimes(2);
});

test("a default backend that is missing gives one clear sentence, and is tried again", async () => {
  const missing = new Error('onnxruntime: the package "onnxruntime-node" is missing');
  const onnxruntime = vi.fn(async (): Promise<Backend> => reference()).mockRejectedValueOnce(missing);
  vi.doMock("../../src/backends/onnxruntime/index.ts", () => ({ onnxruntime }));
  const f = jit((x: Tensor) => x);
  const failure: unknown = await f(tensor(1)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DeviceError);
  expect(failure).toBeInstanceOf(CoreTensorError);
  const { message, cause } = failure as Error;
  expect(message).toBe(`jit: no backend was given, and the default one does not start: ${missing.message}`);
  expect(cause).toBe(missing);
  expect(isHostTensor(await f(tensor(1)))).toBe(true);
});
