// A derivative of one's own, checked against differences; the check also finds the mistake in a wrong one.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/gradients.ts
import { type Tensor, add, customVjp, exp, grad, log, mul, sigmoid, sub, sum, tensor } from "@parsimony/core-tensor";
import { checkGradient } from "@parsimony/core-tensor/testing";

const plain = (x: Tensor): Tensor => log(add(exp(x), 1));

/** log(1 + e^x), with a derivative that does not divide infinity by infinity: sigmoid(x). */
const softplus = customVjp(plain, {
  forward: (x) => [plain(x), x],
  backward: (x, cotangent) => [mul(cotangent, sigmoid(x))],
});

/** The same with a slip: the derivative of sigmoid instead of sigmoid. */
const wrong = customVjp(plain, {
  forward: (x) => [plain(x), x],
  backward: (x, cotangent) => [mul(cotangent, mul(sigmoid(x), sub(1, sigmoid(x))))],
});

const points = tensor([-2, 0.5, 3]);
for (const [name, fn] of Object.entries({ plain, softplus, wrong })) {
  const verdict = checkGradient((x: Tensor) => sum(fn(x)), [points]);
  console.log(`${name}: ${verdict.holds ? "holds" : "does not hold"}: ${verdict.message}`);
}
console.log(`at 1000: plain ${grad(plain)(tensor(1000)).item()}, softplus ${grad(softplus)(tensor(1000)).item()}`);
