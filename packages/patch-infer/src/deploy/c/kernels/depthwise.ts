import { finish, finishNeeds } from "./sums.ts";
import type { CFunction, Variant } from "./variant.ts";
import { cellAt, inside } from "./windows.ts";

/** Depthwise convolution of a range of channels; the cells go to rows of their own, so that the output may be elsewhere. */
function channelsText(variant: Variant): CFunction {
  const { suffix, cell, sum, type } = variant;
  const value = (at: string): string => (type === "int8" ? `(in[${at}] - layer->in_zero)` : `in[${at}]`);
  return {
    name: `net_depthwise_channels_${suffix}`,
    needs: [inside, cellAt, ...finishNeeds(variant)],
    text: `/* Channels first <= c < end of a depthwise convolution; the cell (row_start, column_start) is written to \`out_start\`. */
static NET_NOINLINE void net_depthwise_channels_${suffix}(const net_depthwise_${suffix}_layer *layer, const net_call *call, int32_t first, int32_t end,
    ${cell} *out_start, int32_t out_row, int32_t out_cell)
{
  const int32_t in_row = layer->dilation_height * call->inputs[0].row_cells * layer->in_channels;
  const int32_t in_step = layer->dilation_width * layer->in_channels;
  const int32_t out_channels = layer->in_channels * layer->depth_multiplier;
  const int32_t weights_row = layer->kernel_width * out_channels;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int32_t top = y * layer->stride_height - layer->pad_top;
    const net_range rows = net_inside(top, layer->dilation_height, layer->kernel_height, layer->in_height);
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      const int32_t left = x * layer->stride_width - layer->pad_left;
      const net_range columns = net_inside(left, layer->dilation_width, layer->kernel_width, layer->in_width);
      const ${cell} *corner = call->inputs[0].cells;
      ${cell} *out = out_start + (y - call->row_start) * out_row + (x - call->column_start) * out_cell;
      if (rows.end > rows.first && columns.end > columns.first) {
        corner += net_cell(&call->inputs[0], top + rows.first * layer->dilation_height, left + columns.first * layer->dilation_width)
            * layer->in_channels;
      }
      const int32_t taps = (rows.first * layer->kernel_width + columns.first) * out_channels;
      int32_t channel = first;
      for (; layer->depth_multiplier == 1 && channel + 4 <= end; channel += 4) {
        ${sum} a = layer->bias[channel], b = layer->bias[channel + 1], c = layer->bias[channel + 2], d = layer->bias[channel + 3];
        for (int32_t i = 0; i < rows.end - rows.first; i++) {
          int32_t at = i * in_row + channel;
          int32_t weight = taps + i * weights_row + channel;
          for (int32_t j = columns.first; j < columns.end; j++) {
            const ${cell} *in = corner + at;
            const ${cell} *weights = layer->weights + weight;
            a += ${value("0")} * weights[0];
            b += ${value("1")} * weights[1];
            c += ${value("2")} * weights[2];
            d += ${value("3")} * weights[3];
            at += in_step;
            weight += out_channels;
          }
        }
        out[channel - first] = ${finish(variant, "a", "channel")};
        out[channel - first + 1] = ${finish(variant, "b", "channel + 1")};
        out[channel - first + 2] = ${finish(variant, "c", "channel + 2")};
        out[channel - first + 3] = ${finish(variant, "d", "channel + 3")};
      }
      for (; channel < end; channel++) {
        const int32_t in_channel = layer->depth_multiplier == 1 ? channel : channel / layer->depth_multiplier;
        ${sum} total = layer->bias[channel];
        for (int32_t i = 0; i < rows.end - rows.first; i++) {
          int32_t at = i * in_row + in_channel;
          int32_t weight = taps + i * weights_row + channel;
          for (int32_t j = columns.first; j < columns.end; j++) {
            const ${cell} *in = corner + at;
            total += ${value("0")} * layer->weights[weight];
            at += in_step;
            weight += out_channels;
          }
        }
        out[channel - first] = ${finish(variant, "total", "channel")};
      }
    }
  }
}
`,
  };
}

/** Depthwise convolution. Per output channel: the bias, then the products by tap row and tap column. */
export function depthwiseText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_depthwise_${suffix}`,
    needs: [channelsText(variant)],
    text: `/* Depthwise convolution. Per output channel: the bias, then the products by tap row and tap column. */
static NET_NOINLINE void net_depthwise_${suffix}(const net_depthwise_${suffix}_layer *layer, const net_call *call)
{
  const int32_t channels = layer->in_channels * layer->depth_multiplier;
  ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, call->row_start, call->column_start) * channels;
  net_depthwise_channels_${suffix}(layer, call, 0, channels, out, call->output.row_cells * channels, channels);
}
`,
  };
}

/** Depthwise convolution that overwrites its input, a few channels at a time. */
export function depthwiseInPlaceText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_depthwise_in_place_${suffix}`,
    needs: [channelsText(variant)],
    text: `/* Depthwise convolution whose output overwrites its input: a block of channels goes to the scratch buffer, and from there
   to its place, where only the same channels of input cells are overwritten. */
static NET_NOINLINE void net_depthwise_in_place_${suffix}(const net_depthwise_${suffix}_layer *layer, const net_call *call)
{
  const int32_t channels = layer->in_channels;
  const int32_t rows = call->row_end - call->row_start;
  const int32_t columns = call->column_end - call->column_start;
  ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, call->row_start, call->column_start) * channels;
  ${cell} *scratch = call->scratch;
  for (int32_t first = 0; first < channels; first += call->channel_block) {
    const int32_t end = first + call->channel_block < channels ? first + call->channel_block : channels;
    const int32_t block = end - first;
    net_depthwise_channels_${suffix}(layer, call, first, end, scratch, columns * block, block);
    for (int32_t y = 0; y < rows; y++) {
      for (int32_t x = 0; x < columns; x++) {
        for (int32_t i = 0; i < block; i++) {
          out[(y * call->output.row_cells + x) * channels + first + i] = scratch[(y * columns + x) * block + i];
        }
      }
    }
  }
}
`,
  };
}
