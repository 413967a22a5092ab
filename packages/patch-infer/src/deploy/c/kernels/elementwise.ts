import { PatchInferError } from "../../../base/errors.ts";
import type { BinaryFunction, UnaryFunction } from "../../../network/layer.ts";
import { clampCode, clampReal, multiply, toCode } from "./fixedPoint.ts";
import type { CFunction, Variant } from "./variant.ts";
import { cellAt } from "./windows.ts";

const minimum: CFunction = {
  name: "net_minimum",
  needs: [],
  text: `/* NaN if one is; -0 is below 0. */
static inline float net_minimum(float a, float b)
{
  if (a != a || b != b) return a + b;
  if (a == b) return signbit(a) ? a : b;
  return a < b ? a : b;
}
`,
};

const maximum: CFunction = {
  name: "net_maximum",
  needs: [],
  text: `/* NaN if one is; 0 is above -0. */
static inline float net_maximum(float a, float b)
{
  if (a != a || b != b) return a + b;
  if (a == b) return signbit(a) ? b : a;
  return a > b ? a : b;
}
`,
};

const realFunctions: Readonly<
  Record<BinaryFunction, { readonly value: string; readonly needs?: readonly CFunction[] }>
> = {
  add: { value: "a + b" },
  sub: { value: "a - b" },
  mul: { value: "a * b" },
  div: { value: "a / b" },
  minimum: { value: "net_minimum(a, b)", needs: [minimum] },
  maximum: { value: "net_maximum(a, b)", needs: [maximum] },
  rsub: { value: "b - a" },
  rdiv: { value: "b / a" },
};

const scaled = (
  combination: string,
): string => `  const int32_t left = net_shifted(a - layer->left_zero, layer->left_shift);
  const int32_t right = net_shifted(b - layer->right_zero, layer->left_shift);
  const uint32_t first = (uint32_t)net_multiply(left, layer->multiplier_left, layer->shift_left);
  const uint32_t second = (uint32_t)net_multiply(right, layer->multiplier_right, layer->shift_right);
  const int32_t value = (int32_t)(${combination});
`;

const shifted: CFunction = {
  name: "net_shifted",
  needs: [],
  text: `static inline int32_t net_shifted(int32_t value, int32_t shift)
{
  return (int32_t)((uint32_t)value << shift);
}
`,
};

/** What codes become before they are brought to the scale of the result; null: codes are compared as they are. */
const codeFunctions: Readonly<Partial<Record<BinaryFunction, string>>> = {
  add: scaled("first + second"),
  sub: scaled("first - second"),
  rsub: scaled("second - first"),
  mul: "  const int32_t value = (a - layer->left_zero) * (b - layer->right_zero);\n",
};

/** Two cells to one: the arithmetic of a binary layer. */
export function combineText({ type, suffix }: Variant, fn: BinaryFunction, layerName: string): CFunction {
  const name = `net_${fn}_${suffix}`;
  if (type === "float32") {
    const { value, needs = [] } = realFunctions[fn];
    return {
      name,
      needs: [clampReal, ...needs],
      text: `static inline float ${name}(const net_binary_f32_layer *layer, float a, float b)
{
  return net_clamp_f32(${value}, layer->min, layer->max);
}
`,
    };
  }
  const head = `static inline int8_t ${name}(const net_binary_s8_layer *layer, int32_t a, int32_t b)\n{\n`;
  if (fn === "minimum" || fn === "maximum") {
    const chosen = `a ${fn === "minimum" ? "<" : ">"} b ? a : b`;
    return { name, needs: [clampCode], text: `${head}  return net_clamp_s8(${chosen}, layer->min, layer->max);\n}\n` };
  }
  const value = codeFunctions[fn];
  if (value === undefined) {
    throw new PatchInferError("UNSUPPORTED_OP", `layer "${layerName}": no C for ${fn} of int8 cells`, {
      layer: layerName,
    });
  }
  return {
    name,
    needs: [shifted, multiply, toCode],
    text: `${head}${value}  return net_code_s8(net_multiply(value, layer->multiplier, layer->shift), layer->out_zero, layer->min, layer->max);
}
`,
  };
}

/** Two maps, or a map and constants, cell by cell. Operands of 1 x 1 cells or of one channel are read again. */
export function binaryText(variant: Variant, combine: CFunction, constant: boolean): CFunction {
  const { suffix, cell } = variant;
  const name = combine.name.replace("net_", constant ? "net_constant_" : "net_each_");
  const start = (operand: string, input: number): string =>
    `net_cell(&call->inputs[${input}], layer->${operand}_row * y, layer->${operand}_cell > 0 ? call->column_start : 0)
        * layer->${operand}_channels`;
  const right = constant
    ? "layer->constant;"
    : `(const ${cell} *)call->inputs[1].cells\n        + ${start("right", 1)};`;
  return {
    name,
    needs: [cellAt, combine],
    text: `static NET_NOINLINE void ${name}(const net_binary_${suffix}_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    const ${cell} *left = (const ${cell} *)call->inputs[0].cells
        + ${start("left", 0)};
    const ${cell} *right = ${right}
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        out[channel] = ${combine.name}(layer, left[channel * layer->left_channel], right[channel * layer->right_channel]);
      }
      left += layer->left_cell;
      right += layer->right_cell;
      out += layer->channels;
    }
  }
}
`,
  };
}

/** Values of `x`. Where libm takes part it is in double precision, and the result is rounded once. */
const unaryValues: Readonly<
  Record<UnaryFunction, { readonly value: string; readonly math?: boolean; readonly needs?: readonly CFunction[] }>
> = {
  clamp: { value: "net_clamp_f32(x, layer->min, layer->max)", needs: [clampReal] },
  leakyRelu: { value: "x < 0.0f ? x * layer->slope[channel * layer->slope_channel] : x" },
  abs: { value: "fabsf(x)", math: true },
  neg: { value: "-x" },
  sigmoid: { value: "(float)(1.0 / (1.0 + exp(-(double)x)))", math: true },
  tanh: { value: "(float)tanh((double)x)", math: true },
  exp: { value: "(float)exp((double)x)", math: true },
  log: { value: "(float)log((double)x)", math: true },
  sqrt: { value: "sqrtf(x)", math: true },
  square: { value: "x * x" },
  hardSwish: { value: "x * net_clamp_f32(x + 3.0f, 0.0f, 6.0f) / 6.0f", needs: [clampReal] },
  silu: { value: "(float)((double)x / (1.0 + exp(-(double)x)))", math: true },
  softplus: { value: "(float)(log1p(exp(-fabs((double)x))) + (x > 0.0f ? (double)x : 0.0))", math: true },
  floor: { value: "floorf(x)", math: true },
};

export function unaryText(fn: UnaryFunction): CFunction {
  const { value, math = false, needs = [] } = unaryValues[fn];
  const name = `net_unary_${snake(fn)}_f32`;
  return {
    name,
    needs: [cellAt, ...needs],
    math,
    text: `static NET_NOINLINE void ${name}(const net_unary_f32_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const float *in = (const float *)call->inputs[0].cells + net_cell(&call->inputs[0], y, call->column_start) * layer->channels;
    float *out = (float *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x_left = call->column_end - call->column_start; x_left > 0; x_left--) {
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        const float x = in[channel];
        out[channel] = ${value};
      }
      in += layer->channels;
      out += layer->channels;
    }
  }
}
`,
  };
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A table of 256 results, or one per channel. */
export const tableText: CFunction = {
  name: "net_table_s8",
  needs: [cellAt],
  text: `static NET_NOINLINE void net_table_s8(const net_table_s8_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int8_t *in = (const int8_t *)call->inputs[0].cells + net_cell(&call->inputs[0], y, call->column_start) * layer->channels;
    int8_t *out = (int8_t *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        out[channel] = layer->table[channel * layer->next_table + in[channel] + 128];
      }
      in += layer->channels;
      out += layer->channels;
    }
  }
}
`,
};

export const softmaxText: CFunction = {
  name: "net_softmax_f32",
  needs: [cellAt],
  math: true,
  text: `/* exp(x - largest), in double precision and rounded, over the running sum of these. */
static NET_NOINLINE void net_softmax_f32(const net_softmax_f32_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const float *in = (const float *)call->inputs[0].cells + net_cell(&call->inputs[0], y, call->column_start) * layer->channels;
    float *out = (float *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      float largest = -INFINITY;
      float total = 0.0f;
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        if (in[channel] > largest || in[channel] != in[channel]) largest = in[channel];
      }
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        const float difference = in[channel] - largest;
        out[channel] = (float)exp((double)difference);
        total += out[channel];
      }
      for (int32_t channel = 0; channel < layer->channels; channel++) out[channel] = out[channel] / total;
      in += layer->channels;
      out += layer->channels;
    }
  }
}
`,
};

/** float32 to codes: quotient in float32, halves to even; NaN gives the zero point. */
export const quantizeText: CFunction = {
  name: "net_quantize",
  needs: [cellAt, clampCode],
  text: `/* Codes of real numbers: the quotient in float32, halves to even; NaN gives the zero point. */
static NET_NOINLINE void net_quantize(const net_convert_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const float *in = (const float *)call->inputs[0].cells + net_cell(&call->inputs[0], y, call->column_start) * layer->channels;
    int8_t *out = (int8_t *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t i = 0; i < (call->column_end - call->column_start) * layer->channels; i++) {
      const float quotient = in[i] / layer->scale;
      if (quotient != quotient) {
        out[i] = (int8_t)layer->zero;
        continue;
      }
      /* Beyond 1024 all codes are the last one; below, what lies between two whole numbers is exact in float32. */
      const float near = quotient < -1024.0f ? -1024.0f : quotient > 1024.0f ? 1024.0f : quotient;
      int32_t whole = (int32_t)near;
      if ((float)whole > near) whole--;
      const float rest = near - (float)whole;
      if (rest > 0.5f || (rest == 0.5f && whole % 2 != 0)) whole++;
      out[i] = net_clamp_s8(whole + layer->zero, -128, 127);
    }
  }
}
`,
};

export const dequantizeText: CFunction = {
  name: "net_dequantize",
  needs: [cellAt],
  text: `static NET_NOINLINE void net_dequantize(const net_convert_layer *layer, const net_call *call)
{
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int8_t *in = (const int8_t *)call->inputs[0].cells + net_cell(&call->inputs[0], y, call->column_start) * layer->channels;
    float *out = (float *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t i = 0; i < (call->column_end - call->column_start) * layer->channels; i++) {
      out[i] = layer->scale * (float)(in[i] - layer->zero);
    }
  }
}
`,
};
