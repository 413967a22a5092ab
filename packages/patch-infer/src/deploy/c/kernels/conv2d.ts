import { dots, finish, finishNeeds } from "./sums.ts";
import type { CFunction, Variant } from "./variant.ts";
import { cellAt, inside } from "./windows.ts";

/** Convolution. With `add` the results are added at once to what stands at the output. */
export function conv2dText(variant: Variant, add: CFunction | undefined): CFunction {
  const { suffix, cell, sum, type } = variant;
  const zero = type === "int8" ? ", layer->in_zero" : "";
  const name = `net_conv2d_${add === undefined ? "" : "add_"}${suffix}`;
  const put = (total: string, channel: string): string => {
    const value = finish(variant, total, channel);
    return add === undefined
      ? `out[${channel}] = ${value}`
      : `out[${channel}] = ${add.name}(add, ${value}, out[${channel}])`;
  };
  return {
    name,
    needs: [inside, cellAt, dots(variant), ...finishNeeds(variant), ...(add === undefined ? [] : [add])],
    text: `/* Convolution. Per output channel: the bias, then the products by tap row, tap column, input channel. */
static NET_NOINLINE void ${name}(const net_conv2d_${suffix}_layer *layer, const net_call *call)
{
  const int32_t group_in = layer->in_channels / layer->groups;
  const int32_t group_out = layer->out_channels / layer->groups;
  const int32_t next = layer->kernel_height * layer->kernel_width * group_in;
  /* Taps of one row whose cells are neighbours are one run. */
  const int joined = layer->groups == 1 && layer->dilation_width == 1;
${add === undefined ? "" : `  const net_binary_${suffix}_layer *add = call->add;\n`}  net_taps_${suffix} taps;
  taps.in_row = layer->dilation_height * call->inputs[0].row_cells * layer->in_channels;
  taps.in_run = layer->dilation_width * layer->in_channels;
  taps.weights_row = layer->kernel_width * group_in;
  taps.weights_run = group_in;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int32_t top = y * layer->stride_height - layer->pad_top;
    const net_range rows = net_inside(top, layer->dilation_height, layer->kernel_height, layer->in_height);
    ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->out_channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      const int32_t left = x * layer->stride_width - layer->pad_left;
      const net_range columns = net_inside(left, layer->dilation_width, layer->kernel_width, layer->in_width);
      const ${cell} *in = call->inputs[0].cells;
      const ${cell} *weights = layer->weights;
      const int32_t width = columns.end - columns.first;
      taps.rows = width > 0 ? rows.end - rows.first : 0;
      taps.runs = joined ? 1 : width;
      taps.length = joined ? width * group_in : group_in;
      if (taps.rows > 0) {
        in += net_cell(&call->inputs[0], top + rows.first * layer->dilation_height, left + columns.first * layer->dilation_width)
            * layer->in_channels;
        weights += (rows.first * layer->kernel_width + columns.first) * group_in;
      }
      for (int32_t group = 0; group < layer->groups; group++) {
        const int32_t end = (group + 1) * group_out;
        int32_t channel = group * group_out;
        for (; channel + 4 <= end; channel += 4) {
          ${sum} sums[4] = { layer->bias[channel], layer->bias[channel + 1], layer->bias[channel + 2], layer->bias[channel + 3] };
          net_dot4_${suffix}(&taps, in + group * group_in, weights + channel * next, next${zero}, sums);
          for (int32_t i = 0; i < 4; i++) ${put("sums[i]", "channel + i")};
        }
        for (; channel < end; channel++) {
          const ${sum} total = net_dot_${suffix}(&taps, in + group * group_in, weights + channel * next${zero}, layer->bias[channel]);
          ${put("total", "channel")};
        }
      }
      out += layer->out_channels;
    }
  }
}
`,
  };
}
