import fc from "fast-check";
import { expect, test } from "vitest";
import {
  add,
  cast,
  checkGraph,
  grad,
  interpret,
  matmul,
  mul,
  scan,
  simplify,
  sin,
  spec,
  sum,
  tensor,
  trace,
} from "../../src/index.ts";
import { ArgumentError, DTypeError, ShapeError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

const f64 = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { dtype: "float64" });

test("a scan is the loop it says it is", () => {
  const [total, partial] = scan(
    (sum_: Tensor, x: Tensor) => {
      const next = add(sum_, x);
      return [next, next];
    },
    tensor(0),
    tensor([1, 2, 3, 4]),
  );
  expect(total.item()).toBe(10);
  expect(partial.toArray()).toEqual([1, 3, 6, 10]);
  const [, backwards] = scan((s: Tensor, x: Tensor) => [add(s, x), s], tensor(0), tensor([1, 2, 3, 4]), {
    reverse: true,
  });
  expect(backwards.toArray()).toEqual([9, 7, 4, 0]);
});

test("trees are carried, scanned and returned; values from outside are used", () => {
  const factor = tensor(10);
  const [state, results] = scan(
    (carry: { n: Tensor; acc: Tensor }, [x, y]: readonly [Tensor, Tensor]) => [
      { n: add(carry.n, 1), acc: add(carry.acc, mul(x, y)) },
      { product: mul(mul(x, y), factor) },
    ],
    { n: tensor(0, { dtype: "int32" }), acc: tensor([0, 0]) },
    [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([2, 3]),
    ],
  );
  expect(state.n.item()).toBe(2);
  expect(state.acc.toArray()).toEqual([11, 16]);
  expect((results as { product: Tensor }).product.toArray()).toEqual([
    [20, 40],
    [90, 120],
  ]);
});

test("length without slices, and no steps at all", () => {
  const [x] = scan((v: Tensor) => [mul(v, 2), []], tensor(1), null, { length: 10 });
  expect(x.item()).toBe(1024);
  const [y, results] = scan(
    (v: Tensor, s: Tensor) => [add(v, s), s],
    tensor(1),
    tensor(new Float32Array(0), { shape: [0] }),
  );
  expect(y.item()).toBe(1);
  expect(results.shape).toEqual([0]);
});

test("a traced scan is one node and computes the same, for every symbolic length", () => {
  const f = (x: Tensor, w: Tensor): Tensor =>
    scan((c: Tensor, s: Tensor) => [sin(add(mul(c, w), s)), []], tensor(0.5, { dtype: "float64" }), x)[0];
  const graph = trace(f, spec(["steps"], "float64"), spec([], "float64"));
  checkGraph(graph);
  checkGraph(simplify(graph));
  expect(graph.nodes.map((node) => node.op)).toEqual(["scan"]);
  for (const x of [[], [1], [0.1, 0.2, 0.3]]) {
    const value = tensor(Float64Array.from(x), { shape: [x.length] });
    expect(interpret(graph, { arg0: value, arg1: 2 }).output?.toArray()).toBe(f(value, f64(2)).item());
  }
});

test("the gradient of a scan equals that of the unrolled loop", () => {
  const loop = (x: Tensor, w: Tensor, c0: Tensor): Tensor => {
    const [c, ys] = scan(
      (c: Tensor, s: Tensor) => {
        const next = sin(add(mul(c, w), s));
        return [next, mul(next, s)];
      },
      c0,
      x,
    );
    return add(c, sum(ys));
  };
  const unrolled = (x: readonly Tensor[], w: Tensor, c0: Tensor): Tensor => {
    let c = c0;
    let total = f64(0);
    for (const s of x) {
      c = sin(add(mul(c, w), s));
      total = add(total, mul(c, s));
    }
    return add(c, total);
  };
  const value = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), value, value, (xs, w, c) => {
      const slices = xs.map((x) => f64(x));
      const close = (a: Tensor, b: Tensor): void => expect(a.item()).toBeCloseTo(b.item(), 10);
      close(
        grad(loop, { argument: 1 })(f64(xs), f64(w), f64(c)),
        grad(unrolled, { argument: 1 })(slices, f64(w), f64(c)),
      );
      close(
        grad(loop, { argument: 2 })(f64(xs), f64(w), f64(c)),
        grad(unrolled, { argument: 2 })(slices, f64(w), f64(c)),
      );
      const dx = grad(loop)(f64(xs), f64(w), f64(c)).toArray() as number[];
      const expected = grad(unrolled)(slices, f64(w), f64(c));
      dx.forEach((d, i) => expect(d).toBeCloseTo((expected[i] as Tensor).item(), 10));
      // second derivative in w, and through a traced program
      const second = grad((v: Tensor) => grad(loop, { argument: 1 })(f64(xs), v, f64(c)))(f64(w));
      close(second, grad((v: Tensor) => grad(unrolled, { argument: 1 })(slices, v, f64(c)))(f64(w)));
      const graph = trace((v: Tensor) => grad(loop, { argument: 1 })(f64(xs), v, f64(c)), spec([], "float64"));
      close(interpret(graph, { input: w }).output as Tensor, grad(unrolled, { argument: 1 })(slices, f64(w), f64(c)));
    }),
    { numRuns: 25 },
  );
});

test("gradients flow past whole-number carries", () => {
  const f = (x: Tensor): Tensor => {
    const [[, acc]] = scan(
      ([n, a]: readonly [Tensor, Tensor], s: Tensor) => [[add(n, 1), add(a, mul(s, s))] as const, []],
      [tensor(0, { dtype: "int32" }), f64(0)] as const,
      x,
    );
    return acc;
  };
  expect(grad(f)(f64([1, 2, 3])).toArray()).toEqual([2, 4, 6]);
});

test("sub-byte integers are carried, not sliced or stacked", () => {
  const codes = tensor([1, 2, 3], { dtype: "int4" });
  const [[kept]] = scan(
    ([c, n]: readonly [Tensor, Tensor]) => [[c, add(n, 1)] as const, []],
    [codes, tensor(0)] as const,
    null,
    { length: 3 },
  );
  expect(kept.toArray()).toEqual([1, 2, 3]);
  expect(() => scan((c: Tensor, x: Tensor) => [add(c, cast(x, "float32")), []], tensor(0), codes)).toThrow(
    /scanned input 0: expected a dtype of whole bytes .*got int4/,
  );
  expect(() => scan((c: Tensor, x: Tensor) => [c, cast(x, "int4")], tensor(0), tensor([1]))).toThrow(/result 0/);
});

test("an error inside a step names the op and the body", () => {
  const attempt = (): unknown =>
    scan((c: Tensor, x: Tensor) => [add(c, matmul(x, x)), []], tensor(0), tensor([[[1, 2]]]));
  expect(attempt).toThrow(/matmul.*\n.*while tracing the function "body"/s);
});

test("steps that do not fit are named", () => {
  expect(() => scan((c: Tensor, x: Tensor) => [add(c, x), []], tensor(0), tensor([[1, 2]]))).toThrow(
    /carry 0 after a step: expected \[\], got \[2\]/,
  );
  expect(() => scan((c: Tensor) => [c, []], tensor(0), null)).toThrow(/number of steps/);
  for (const length of [-1, 1.5, NaN]) {
    expect(() => scan((c: Tensor) => [c, []], tensor(0), null, { length })).toThrow(
      /scan: length: expected a whole number >= 0/,
    );
  }
  expect(() => scan((c: Tensor, x: Tensor) => [add(c, x), []], tensor(0), tensor([1, 2]), { length: 3 })).toThrow(
    /got \[2, 3\]/,
  );
  expect(() => scan((c: Tensor, _x: Tensor) => [cast(c, "int32"), []], tensor(0), tensor([1]))).toThrow(DTypeError);
  expect(() =>
    scan((c: Tensor, [a]: readonly Tensor[]) => [c, a as Tensor], tensor(0), [tensor([1]), tensor([1, 2])]),
  ).toThrow(ShapeError);
  expect(() => scan((c: Tensor) => c as never, tensor(0), tensor([1]))).toThrow(ArgumentError);
  expect(() => scan((c: Tensor) => [[c] as never, []], tensor(0), tensor([1]))).toThrow(/nesting/);
  expect(() => scan((c: Tensor) => [c, []], tensor(0), tensor(1))).toThrow(/at least one axis/);
});
