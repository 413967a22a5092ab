/**
 * The special functions that op kernels need, on doubles. They are written here from the published approximations
 * (sources in `special/`), each compared with values computed to 50 digits: the `@stdlib/math-base-special-*`
 * packages for the same five functions install about 170 packages (20 MB), and everybody who installs core-tensor
 * would carry them.
 *
 * Kernels also use `Math.*` for transcendental functions (tanh, sin, log1p, …), and `lgamma` and `digamma` of
 * negative numbers do so here. ECMAScript leaves the last bit of those to the engine, so the results of such ops may
 * differ in the last bit between engines. Random draws never use them.
 */
export { erf, erfc, normalCdf } from "./special/erf.ts";
export { digamma, lgamma } from "./special/gamma.ts";
export { erfinv, normalQuantile } from "./special/normalQuantile.ts";
