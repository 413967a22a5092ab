/** What newcomers get wrong, and what they are told. */
import { expect, test } from "vitest";
import { reference } from "../src/backends/reference/index.ts";
import { tfjs } from "../src/backends/tfjs/index.ts";
import { writeOnnx } from "../src/formats/onnx/index.ts";
import {
  type Tensor,
  add,
  customVjp,
  grad,
  greater,
  interpret,
  jit,
  mul,
  printGraph,
  reshape,
  scan,
  simplify,
  slice,
  softmax,
  spec,
  sum,
  tensor,
  trace,
  where,
} from "../src/index.ts";

/** The message of what a call throws. */
function told(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  throw new Error("expected an error, but nothing was thrown");
}

const wrongly = (value: unknown): never => value as never;

test("numbers that whole numbers cannot hold are refused, not cut off", () => {
  const pixels = tensor(new Uint8Array([1, 2]));
  expect(told(() => mul(pixels, 1 / 255))).toContain(
    "DTypeError: mul: the number beside uint8: expected a whole number in [0, 255], got 0.00392",
  );
  expect(told(() => mul(pixels, 1 / 255))).toContain("; use cast on the tensor");
  expect(told(() => greater(pixels, -1))).toContain("greater: the number beside uint8");
  expect(told(() => where([true, false], tensor([1, 2], { dtype: "int32" }), Number.NaN))).toContain(
    "where: the number beside int32",
  );
  expect(mul(pixels, 2).toArray()).toEqual([2, 4]);
  expect(add(-1, tensor([1n])).toArray()).toEqual([0]);
});

test("tensors are no numbers for JavaScript", () => {
  const x = tensor([1, 2]);
  const message =
    "ArgumentError: tensor: an operand of a JavaScript operator: expected a number, got a float32 tensor of shape [2]";
  expect(told(() => wrongly(x) + 1)).toContain(message);
  expect(told(() => wrongly(x) > 0)).toContain(message);
  expect(`${String(x)}`).toBe("float32 tensor of shape [2]");
  const branch = (y: Tensor): Tensor => (wrongly(sum(y)) > 0 ? y : mul(y, 2));
  expect(told(() => trace(branch, spec(["batch"])))).toContain('while tracing the function "branch"');
});

test("promises are named as such", async () => {
  const later = Promise.resolve(tensor(1));
  expect(told(() => add(wrongly(later), 1))).toContain(
    "tensor: data: expected nested arrays, a typed array, an ndarray, a tf.Tensor or an ort.Tensor, got a Promise; await it",
  );
  async function slow(x: Tensor): Promise<Tensor> {
    return x;
  }
  expect(told(() => trace(slow, spec([1])))).toContain(
    "slow: the result: expected a tensor, an array or a plain object, got a Promise; await it (a traced function cannot be async)",
  );
});

test("trees are checked where they are handed in", () => {
  const step = (c: Tensor, x: Tensor): [Tensor, Tensor] => [add(c, x), x];
  expect(told(() => scan(step, tensor(0), wrongly([1, 2])))).toContain(
    "scan: xs, 0: expected a tensor, an array or a plain object, got number",
  );
  expect(told(() => scan(step, wrongly("0"), tensor([1])))).toContain("scan: init: expected a tensor");
  expect(told(() => grad((x: Tensor) => sum(x))(wrongly(new Float32Array(2))))).toContain(
    "grad: argument 0: expected a tensor, an array or a plain object, got Float32Array; make a tensor of it with tensor()",
  );
  expect(told(() => grad(function nothing(_: Tensor) {})(tensor(1)))).toContain(
    'grad: the result of "nothing": expected',
  );
  expect(told(() => trace((x: Tensor) => x, wrongly(["batch", 2])))).toContain(
    "trace: spec 0, 0: expected a spec, a tensor, an array or a plain object, got string",
  );
  expect(told(() => customVjp((x: Tensor) => x, wrongly({}))(wrongly("x")))).toContain(
    "customVjp: the arguments, 0: expected a tensor",
  );
});

test("values that are no values", () => {
  expect(told(() => tensor(wrongly([tensor(1), tensor(2)])))).toContain(
    "got a tensor inside an array (use stack or concat)",
  );
  expect(told(() => tensor(wrongly([1, null])))).toContain("got number and null");
  expect(told(() => softmax(wrongly(undefined)))).toContain("got undefined");
  expect(told(() => tensor([1, 2, 3, 4], wrongly([2, 2])))).toBe(
    "ArgumentError: tensor: options: expected { shape, dtype }, got an array",
  );
  expect(told(() => reshape([1, 2, 3], [-1, -1]))).toBe(
    "ShapeError: reshape: shape: expected at most one -1, got [-1, -1]",
  );
});

test("functions that take operands are traced with one spec for each", () => {
  const program = trace(softmax, spec(["batch", 2]));
  expect(program.nodes.map(({ op }) => op)).toEqual(["softmax"]);
});

test("what is no program, no backend, no option", () => {
  const fn = wrongly((x: Tensor) => x);
  for (const call of [() => interpret(fn, {}), () => simplify(fn), () => printGraph(fn), () => writeOnnx(fn)]) {
    expect(told(call)).toContain("graph: expected a Graph; trace makes one of a function, got function");
  }
  expect(told(() => jit((x: Tensor) => x, { backend: wrongly(reference) }))).toContain("expected a backend, such as");
  expect(told(() => jit((x: Tensor) => x, wrongly(reference())))).toContain(
    "jit: options: expected backend and dynamicAxes",
  );
  expect(told(() => jit((x: Tensor) => x, { dynamicAxes: wrongly({ 0: "n" }) }))).toContain("an array with one entry");
  expect(told(() => tfjs(wrongly(undefined)))).toContain("tfjs: tf: expected the module of TensorFlow.js");
  expect(told(() => tfjs(wrongly({})))).toContain("an object without getBackend");
  expect(told(() => slice([1, 2, 3], wrongly(0), wrongly(2)))).toContain("slice: starts: expected an array");
});

test("a jitted function inside a traced one is refused at once, without a promise that nobody awaits", () => {
  const inner = jit((x: Tensor) => x, { backend: reference() });
  expect(told(() => trace((x: Tensor) => wrongly(inner(x)), spec([2])))).toContain("called inside a traced one");
  expect(told(() => trace((x: Tensor) => wrongly(inner(wrongly({ a: [x] }))), spec([2])))).toContain("TraceError");
});

test("data that the dtype cannot hold are refused, not rounded or wrapped", () => {
  expect(told(() => tensor([1, 1.5], { dtype: "int32" }))).toContain(
    "element 1: expected a whole number in [-2147483648",
  );
  expect(told(() => tensor([300], { dtype: "uint8" }))).toContain("got 300");
  expect(told(() => tensor([Number.NaN], { dtype: "int8" }))).toContain("got NaN");
  expect(told(() => tensor([2n ** 40n], { dtype: "int32" }))).toContain("got 1099511627776");
  expect(tensor([1, 2], { dtype: "uint8" }).toArray()).toEqual([1, 2]);
});
