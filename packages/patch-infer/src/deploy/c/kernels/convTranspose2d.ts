import { finish, finishNeeds } from "./sums.ts";
import type { CFunction, Variant } from "./variant.ts";
import { cellAt } from "./windows.ts";

/** The adjoint of a convolution, gathered: every output cell looks for the input cells that add to it. */
export function convTranspose2dText(variant: Variant): CFunction {
  const { suffix, cell, sum, type } = variant;
  return {
    name: `net_conv_transpose2d_${suffix}`,
    needs: [cellAt, ...finishNeeds(variant)],
    text: `/* Transposed convolution. Per output channel: the bias, then the products by tap row, tap column, input channel. */
static NET_NOINLINE void net_conv_transpose2d_${suffix}(const net_conv_transpose2d_${suffix}_layer *layer, const net_call *call)
{
  const int32_t group_in = layer->in_channels / layer->groups;
  const int32_t group_out = layer->out_channels / layer->groups;
  const ${cell} *cells = call->inputs[0].cells;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->out_channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      for (int32_t channel = 0; channel < layer->out_channels; channel++) {
        const int32_t group = channel / group_out;
        ${sum} total = layer->bias[channel];
        for (int32_t i = 0; i < layer->kernel_height; i++) {
          const int32_t row = y + layer->pad_top - i * layer->dilation_height;
          if (row < 0 || row % layer->stride_height != 0 || row / layer->stride_height >= layer->in_height) continue;
          for (int32_t j = 0; j < layer->kernel_width; j++) {
            const int32_t column = x + layer->pad_left - j * layer->dilation_width;
            if (column < 0 || column % layer->stride_width != 0 || column / layer->stride_width >= layer->in_width) continue;
            const int32_t at = net_cell(&call->inputs[0], row / layer->stride_height, column / layer->stride_width);
            const ${cell} *in = cells + at * layer->in_channels + group * group_in;
            const ${cell} *weights = layer->weights + ((channel * layer->kernel_height + i) * layer->kernel_width + j) * group_in;
            for (int32_t k = 0; k < group_in; k++) total += ${type === "int8" ? "(in[k] - layer->in_zero)" : "in[k]"} * weights[k];
          }
        }
        out[channel] = ${finish(variant, "total", "channel")};
      }
      out += layer->out_channels;
    }
  }
}
`,
  };
}
