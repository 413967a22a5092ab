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
  const net_region *region = &call->inputs[0];
  const int32_t in_row = layer->dilation_height * region->row_cells * layer->in_channels;
  const int32_t in_step = layer->dilation_width * layer->in_channels;
  const int32_t out_channels = layer->in_channels * layer->depth_multiplier;
  const int32_t weights_row = layer->kernel_width * out_channels;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int32_t top = y * layer->stride_height - layer->pad_top;
    const net_range rows = net_inside(top, layer->dilation_height, layer->kernel_height, layer->in_height);
    const int32_t row_taps = rows.end - rows.first;
    const int32_t row_cell = row_taps > 0 ? net_cell(region, top + rows.first * layer->dilation_height, region->left) : 0;
    const int fours = layer->depth_multiplier == 1;
    for (int32_t channel = first; channel < end;) {
      const int four = fours && channel + 4 <= end;
      const int32_t in_channel = fours ? channel : channel / layer->depth_multiplier;
      const ${cell} *cells = (const ${cell} *)region->cells + row_cell * layer->in_channels + in_channel;
      const ${cell} *taps = layer->weights + rows.first * weights_row + channel;
      ${cell} *out = out_start + (y - call->row_start) * out_row + channel - first;
      int32_t left = call->column_start * layer->stride_width - layer->pad_left;
      for (int32_t x = call->column_start; x < call->column_end; x++) {
        const net_range columns = net_inside(left, layer->dilation_width, layer->kernel_width, layer->in_width);
        const int32_t column_taps = row_taps > 0 ? columns.end - columns.first : 0;
        int32_t at = column_taps > 0 ? (left + columns.first * layer->dilation_width - region->left) * layer->in_channels : 0;
        int32_t weight = columns.first * out_channels;
        ${sum} a = layer->bias[channel];
        if (four) {
          ${sum} b = layer->bias[channel + 1], c = layer->bias[channel + 2], d = layer->bias[channel + 3];
          for (int32_t i = 0; i < row_taps; i++) {
            for (int32_t j = 0; j < column_taps; j++) {
              const ${cell} *in = cells + at + j * in_step;
              const ${cell} *weights = taps + weight + j * out_channels;
              a += ${value("0")} * weights[0];
              b += ${value("1")} * weights[1];
              c += ${value("2")} * weights[2];
              d += ${value("3")} * weights[3];
            }
            at += in_row;
            weight += weights_row;
          }
          out[1] = ${finish(variant, "b", "channel + 1")};
          out[2] = ${finish(variant, "c", "channel + 2")};
          out[3] = ${finish(variant, "d", "channel + 3")};
        } else {
          for (int32_t i = 0; i < row_taps; i++) {
            for (int32_t j = 0; j < column_taps; j++) {
              const ${cell} *in = cells + at + j * in_step;
              a += ${value("0")} * taps[weight + j * out_channels];
            }
            at += in_row;
            weight += weights_row;
          }
        }
        out[0] = ${finish(variant, "a", "channel")};
        out += out_cell;
        left += layer->stride_width;
      }
      channel += four ? 4 : 1;
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
