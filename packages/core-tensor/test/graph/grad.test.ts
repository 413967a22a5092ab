import { expect, test } from "vitest";
import {
  add,
  broadcastTo,
  cast,
  div,
  exp,
  grad,
  interpret,
  log,
  matmul,
  mean,
  mul,
  pow,
  sin,
  spec,
  stopGradient,
  sub,
  sum,
  tensor,
  trace,
  valueAndGrad,
  vjp,
  zeros,
} from "../../src/index.ts";
import { ArgumentError, DTypeError, ShapeError, TraceError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

const f64 = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { dtype: "float64" });

test("derivatives of a hand-sized function", () => {
  const f = (x: Tensor): Tensor => sum(mul(mul(x, x), sin(x)));
  const x = f64([0.5, -1, 2]);
  const slope = (v: number): number => 2 * v * Math.sin(v) + v * v * Math.cos(v);
  const [value, gradient] = valueAndGrad(f)(x);
  expect(value.item()).toBeCloseTo(0.25 * Math.sin(0.5) + Math.sin(-1) + 4 * Math.sin(2), 12);
  (gradient.toArray() as number[]).forEach((g, i) => expect(g).toBeCloseTo(slope([0.5, -1, 2][i] as number), 12));
});

test("second and third derivatives by nesting", () => {
  const cube = (x: Tensor): Tensor => mul(mul(x, x), x);
  const first = grad(cube);
  const second = grad((x: Tensor) => first(x));
  const third = grad((x: Tensor) => second(x));
  expect(first(f64(2)).item()).toBe(12);
  expect(second(f64(2)).item()).toBe(12);
  expect(third(f64(2)).item()).toBe(6);
});

test("nested derivatives in different variables are not confused", () => {
  // d/dx (x * d/dy (x + y)) = d/dx x = 1, the classical case of perturbation confusion.
  const outer = grad((x: Tensor) => mul(x, grad((y: Tensor) => add(x, y))(f64(1))));
  expect(outer(f64(1)).item()).toBe(1);
  const mixed = grad((x: Tensor) => grad((y: Tensor) => mul(mul(x, x), mul(y, y)))(f64(3)));
  expect(mixed(f64(2)).item()).toBe(2 * 2 * 2 * 3);
});

test("gradients have the tree of the argument, with any argument and aux", () => {
  const f = (params: { w: Tensor; b: readonly Tensor[] }, x: Tensor): [Tensor, { twice: Tensor }] => {
    const y = add(mul(params.w, x), params.b[0] as Tensor);
    return [sum(y), { twice: mul(y, 2) }];
  };
  const [[value, aux], gradient] = valueAndGrad(f, { hasAux: true })({ w: f64([1, 2]), b: [f64([0, 1])] }, f64([3, 4]));
  expect(value.item()).toBe(12);
  expect(aux.twice.toArray()).toEqual([6, 18]);
  expect(gradient.w.toArray()).toEqual([3, 4]);
  expect((gradient.b[0] as Tensor).toArray()).toEqual([1, 1]);
  const inX = grad((w: Tensor, x: Tensor) => sum(mul(w, x)), { argument: 1 })(f64([5, 6]), f64([1, 1]));
  expect(inX.toArray()).toEqual([5, 6]);
});

test("plain numbers are scalars", () => {
  expect(grad((x: Tensor) => mul(x, x))(3 as never).item()).toBe(6);
});

test("what does not depend on the argument has gradient zero", () => {
  expect(grad((x: Tensor) => sum(mul(stopGradient(x), 2)))(f64([1, 2])).toArray()).toEqual([0, 0]);
  expect(grad((x: Tensor) => sum(mul(cast(x, "int32"), 1) as Tensor) && sum(mul(x, 0)))(f64([1, 2])).toArray()).toEqual(
    [0, 0],
  );
  expect(grad((_x: Tensor) => tensor(1, { dtype: "float64" }))(f64([1, 2])).toArray()).toEqual([0, 0]);
});

test("vjp gives a cotangent per argument", () => {
  const { value, pullback } = vjp((a: Tensor, b: Tensor) => matmul(a, b), f64([[1, 2]]), f64([[3], [4]]));
  expect(value.toArray()).toEqual([[11]]);
  const [da, db] = pullback(f64([[2]]));
  expect(da.toArray()).toEqual([[6, 8]]);
  expect(db.toArray()).toEqual([[2], [4]]);
  expect(() => pullback(f64([1, 2]))).toThrow(ShapeError);
  expect(() => pullback([f64(1)] as never)).toThrow(ArgumentError);
});

test("a derivative inside a traced function is part of its program", () => {
  const loss = (w: Tensor, x: Tensor): Tensor => mean(pow(sub(matmul(x, w), 1), 2));
  const graph = trace(
    (w: Tensor, x: Tensor) => valueAndGrad(loss)(w, x),
    spec([2, 1], "float64"),
    spec(["batch", 2], "float64"),
  );
  const [w, x] = [
    f64([[1], [2]]),
    f64([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ];
  const [value, gradient] = valueAndGrad(loss)(w, x);
  const result = interpret(graph, { arg0: w, arg1: x });
  expect(result["0"]?.toArray()).toEqual(value.toArray());
  expect(result["1"]?.toArray()).toEqual(gradient.toArray());
});

test("a value of an inner derivative must not leave it", () => {
  let kept: Tensor | undefined;
  const keep = (y: Tensor): Tensor => {
    kept = y;
    return sum(y);
  };
  grad(keep)(f64([1]));
  expect(() => (kept as Tensor).dataSync()).toThrow(TraceError);
  const outer = (x: Tensor): Tensor => {
    grad(keep)(f64([1]));
    return sum(mul(x, kept as Tensor));
  };
  expect(() => grad(outer)(f64([2]))).toThrow(/inner function was used outside/);
});

test("aux of any dtype and nesting is handed through", () => {
  const f = (x: Tensor) => [sum(x), { whole: cast(x, "int32"), parts: [x] }] as const;
  const [[value, aux], gradient] = valueAndGrad(f, { hasAux: true })(f64([2]));
  expect([value.item(), aux.whole.toArray(), aux.parts[0]?.toArray(), gradient.toArray()]).toEqual([2, [2], [2], [1]]);
});

test("log-sum-exp through several paths adds up", () => {
  const f = (x: Tensor): Tensor => log(sum(exp(x)));
  const x = [0.1, 0.2, 0.7];
  const total = x.reduce((t, v) => t + Math.exp(v), 0);
  (grad(f)(f64(x)).toArray() as number[]).forEach((g, i) =>
    expect(g).toBeCloseTo(Math.exp(x[i] as number) / total, 12),
  );
});

test("refuses what cannot be differentiated", () => {
  expect(() => grad((x: Tensor) => x)(f64([1, 2]))).toThrow(/expected a float scalar/);
  expect(() => grad((x: Tensor) => sum(div(x, 2)))(tensor([1, 2], { dtype: "int32" }))).toThrow(DTypeError);
  expect(() => grad((x: { step: Tensor }) => sum(x.step))({ step: tensor([1], { dtype: "int32" }) })).toThrow(
    /argument 0, step/,
  );
  expect(() => grad((x: Tensor) => x, { argument: 2 })(f64(1))).toThrow(ArgumentError);
  expect(() => grad((x: Tensor) => cast(sum(x), "int32"))(f64([1]))).toThrow(/expected a float scalar, got int32 \[\]/);
  expect(() =>
    grad(function pair(x: Tensor) {
      return [sum(x), x];
    })(f64([1])),
  ).toThrow(/the result of "pair": expected a float scalar, got the nesting \[\*,\*\]/);
  expect(() => valueAndGrad((x: Tensor) => sum(x), { hasAux: true })(f64([1]))).toThrow(
    /expected \[float scalar, aux\], got the nesting \*/,
  );
  expect(() => valueAndGrad((x: Tensor) => [sum(x), x, x], { hasAux: true })(f64([1]))).toThrow(ShapeError);
  expect(() => valueAndGrad((x: Tensor) => [[sum(x)], x], { hasAux: true })(f64([1]))).toThrow(ShapeError);
  expect(() => grad((_x: Tensor) => "text")(f64([1]))).toThrow(/got string/);
});

test("symbolic dimensions of an outer function may shape values that are differentiated inside", () => {
  const graph = trace(
    (x: Tensor) => grad((w: Tensor) => sum(mul(x, broadcastTo(w, x.shape))))(f64([1, 2])),
    spec(["batch", 2], "float64"),
  );
  expect(
    interpret(graph, {
      input: f64([
        [1, 2],
        [3, 4],
      ]),
    }).output?.toArray(),
  ).toEqual([4, 6]);
  const made = trace(
    (x: Tensor) => grad((w: Tensor) => sum(mul(w, zeros([x.shape[0] as number], { dtype: "float64" }))))(f64(3)),
    spec(["batch"], "float64"),
  );
  expect(interpret(made, { input: f64([1, 2]) }).output?.item()).toBe(0);
});
