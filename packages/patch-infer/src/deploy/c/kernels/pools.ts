import { clampCode, clampReal, multiply, toCode } from "./fixedPoint.ts";
import type { CFunction, Variant } from "./variant.ts";
import { cellAt, inside } from "./windows.ts";

/** The loops of a pool around what it does with one channel: `begin`, then `take` for every cell of the window, then `end`. */
function poolText({ suffix, cell }: Variant, name: string, begin: string, take: string, end: string): string {
  return `static NET_NOINLINE void net_${name}_${suffix}(const net_${name}_${suffix}_layer *layer, const net_call *call)
{
  const int32_t in_row = layer->dilation_height * call->inputs[0].row_cells * layer->channels;
  const int32_t in_step = layer->dilation_width * layer->channels;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int32_t top = y * layer->stride_height - layer->pad_top;
    const net_range rows = net_inside(top, layer->dilation_height, layer->kernel_height, layer->in_height);
    ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      const int32_t left = x * layer->stride_width - layer->pad_left;
      const net_range columns = net_inside(left, layer->dilation_width, layer->kernel_width, layer->in_width);
      const ${cell} *corner = call->inputs[0].cells;
      if (rows.end > rows.first && columns.end > columns.first) {
        corner += net_cell(&call->inputs[0], top + rows.first * layer->dilation_height, left + columns.first * layer->dilation_width)
            * layer->channels;
      }
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        ${begin}
        for (int32_t i = 0; i < rows.end - rows.first; i++) {
          for (int32_t j = 0; j < columns.end - columns.first; j++) {
            const ${cell} value = corner[i * in_row + j * in_step + channel];
            ${take}
          }
        }
        ${end}
      }
      out += layer->channels;
    }
  }
}
`;
}

export function maxPool2dText(variant: Variant): CFunction {
  const { suffix, type } = variant;
  const clamp = type === "int8" ? clampCode : clampReal;
  const begin = type === "int8" ? "int8_t best = -128;" : "float best = -INFINITY;";
  const take =
    type === "int8" ? "if (value > best) best = value;" : "if (value > best || value != value) best = value;";
  const end = `out[channel] = ${clamp.name}(best, layer->min, layer->max);`;
  return {
    name: `net_max_pool2d_${suffix}`,
    needs: [inside, cellAt, clamp],
    text: `/* The largest cell of each window. */\n${poolText(variant, "max_pool2d", begin, take, end)}`,
  };
}

/** The field `cells` is the number to divide by, or 0 for the cells inside the image. */
export function averagePool2dText(variant: Variant): CFunction {
  const { suffix, type } = variant;
  const count = `const int32_t inside = (rows.end - rows.first) * (columns.end - columns.first);
        const int32_t cells = layer->cells > 0 ? layer->cells : inside;`;
  return type === "float32"
    ? {
        name: `net_average_pool2d_${suffix}`,
        needs: [inside, cellAt, clampReal],
        text: `/* The mean of each window: cells are added from 0 by row and column, then divided by their number. */
${poolText(
  variant,
  "average_pool2d",
  "float total = 0.0f;",
  "total += value;",
  `${count}
        out[channel] = net_clamp_f32(total / (float)(cells > 0 ? cells : 1), layer->min, layer->max);`,
)}`,
      }
    : {
        name: `net_average_pool2d_${suffix}`,
        needs: [inside, cellAt, clampCode],
        text: `/* The mean of each window, halves away from zero. */
${poolText(
  variant,
  "average_pool2d",
  "int32_t total = 0;",
  "total += value;",
  `${count}
        if (layer->cells > 0) total += (cells - inside) * layer->zero;
        const int32_t mean = cells == 0 ? layer->zero : (total > 0 ? total + cells / 2 : total - cells / 2) / cells;
        out[channel] = net_clamp_s8(mean, layer->min, layer->max);`,
)}`,
      };
}

const larger = "if (value > folded || value != value) folded = value;";

/**
 * One number per channel from all cells, which are taken in row-major order. By parts, the call's box is one of the input, and sums
 * stand at its scratch from part to part.
 */
export function globalPoolText(variant: Variant, fn: "mean" | "sum" | "max", byParts: boolean): CFunction {
  const { suffix, cell, type } = variant;
  const real = type === "float32";
  const start = fn === "max" ? (real ? "-INFINITY" : "-128") : real ? "0.0f" : "0";
  const take =
    fn === "max"
      ? real
        ? larger
        : "if (value > folded) folded = value;"
      : real
        ? "folded += value;"
        : "folded += value - layer->in_zero;";
  const mean = fn === "mean" ? "folded / (float)(layer->in_height * layer->in_width)" : "folded";
  const end = real
    ? `out[channel] = net_clamp_f32(${mean}, layer->min, layer->max);`
    : fn === "max"
      ? "out[channel] = net_clamp_s8(folded, layer->min, layer->max);"
      : "out[channel] = net_code_s8(net_multiply(folded, layer->multiplier, layer->shift), layer->out_zero, layer->min, layer->max);";
  const name = `net_${byParts ? "partial" : "global"}_${fn}_${suffix}`;
  const rows = byParts ? "call->row_start; y < call->row_end" : "0; y < layer->in_height";
  const width = byParts ? "call->column_end - call->column_start" : "layer->in_width";
  return {
    name,
    needs: [cellAt, ...(real ? [clampReal] : fn === "max" ? [clampCode] : [multiply, toCode])],
    text: `static NET_NOINLINE void ${name}(const net_global_pool_${suffix}_layer *layer, const net_call *call)
{
  ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, 0, 0) * layer->channels;
${byParts ? `  ${variant.sum} *sums = (${variant.sum} *)call->scratch;\n` : ""}  for (int32_t channel = 0; channel < layer->channels; channel++) {
    ${variant.sum} folded = ${byParts ? `call->is_first ? ${start} : sums[channel]` : start};
    for (int32_t y = ${rows}; y++) {
      const ${cell} *in = (const ${cell} *)call->inputs[0].cells
          + net_cell(&call->inputs[0], y, ${byParts ? "call->column_start" : "0"}) * layer->channels + channel;
      for (int32_t x = 0; x < ${width}; x++) {
        const ${cell} value = in[x * layer->channels];
        ${take}
      }
    }
${byParts ? "    if (!call->is_last) {\n      sums[channel] = folded;\n      continue;\n    }\n" : ""}    ${end}
  }
}
`,
  };
}
