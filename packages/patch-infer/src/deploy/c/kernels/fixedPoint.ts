import type { CFunction } from "./variant.ts";

/** TFLite's MultiplyByQuantizedMultiplier, which rounds twice. */
export const multiply: CFunction = {
  name: "net_multiply",
  needs: [],
  text: `/* value * multiplier / 2^31 * 2^shift, rounded after the product and after the shift. */
static inline int32_t net_multiply(int32_t value, int32_t multiplier, int32_t shift)
{
  const int32_t shifted = shift > 0 ? (int32_t)((uint32_t)value << shift) : value;
  const int32_t high = (int32_t)(((int64_t)shifted * multiplier + 0x40000000) >> 31);
  if (shift >= 0) return high;
  const int32_t right = -shift;
  const int32_t mask = (int32_t)((1u << right) - 1u);
  const int32_t rest = high & mask;
  return (high >> right) + (rest > (mask >> 1) + (high < 0 ? 1 : 0) ? 1 : 0);
}
`,
};

export const clampCode: CFunction = {
  name: "net_clamp_s8",
  needs: [],
  text: `static inline int8_t net_clamp_s8(int32_t code, int32_t min, int32_t max)
{
  return (int8_t)(code < min ? min : code > max ? max : code);
}
`,
};

export const clampReal: CFunction = {
  name: "net_clamp_f32",
  needs: [],
  text: `static inline float net_clamp_f32(float value, float min, float max)
{
  const float raised = value < min ? min : value;
  return raised > max ? max : raised;
}
`,
};

/** A scaled sum as a code. Sums far from all codes must not leave 32 bits when the zero point is added. */
export const toCode: CFunction = {
  name: "net_code_s8",
  needs: [],
  text: `static inline int8_t net_code_s8(int32_t value, int32_t zero, int32_t min, int32_t max)
{
  const int32_t low = min - zero;
  const int32_t high = max - zero;
  return (int8_t)((value < low ? low : value > high ? high : value) + zero);
}
`,
};
