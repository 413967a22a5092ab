import type { CFunction, Variant } from "./variant.ts";
import { cellAt } from "./windows.ts";

/** `body` for every output cell (y, x); `out` stands on its first channel. */
function forCells({ suffix, cell }: Variant, name: string, channels: string, before: string, body: string): string {
  return `static NET_NOINLINE void net_${name}_${suffix}(const net_${name}_${suffix}_layer *layer, const net_call *call)
{
${before}  for (int32_t y = call->row_start; y < call->row_end; y++) {
    ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, call->column_start) * ${channels};
    for (int32_t x = call->column_start; x < call->column_end; x++) {
${body}      out += ${channels};
    }
  }
}
`;
}

export function padText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_pad_${suffix}`,
    needs: [cellAt],
    text: forCells(
      variant,
      "pad",
      "layer->out_channels",
      `  const ${cell} *cells = call->inputs[0].cells;\n`,
      `      const int32_t row = y - layer->top;
      const int32_t column = x - layer->left;
      if (row < 0 || row >= layer->in_height || column < 0 || column >= layer->in_width) {
        for (int32_t channel = 0; channel < layer->out_channels; channel++) out[channel] = (${cell})layer->value;
      } else {
        const ${cell} *in = cells + net_cell(&call->inputs[0], row, column) * layer->in_channels;
        for (int32_t channel = 0; channel < layer->out_channels; channel++) {
          const int32_t from = channel - layer->first_channel;
          out[channel] = from >= 0 && from < layer->in_channels ? in[from] : (${cell})layer->value;
        }
      }
`,
    ),
  };
}

export function concatText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_concat_${suffix}`,
    needs: [cellAt],
    text: `/* Inputs side by side; input i begins at places[6 * i] (row, column, channel) and has the size after it. */
static NET_NOINLINE void net_concat_${suffix}(const net_concat_${suffix}_layer *layer, const net_call *call)
{
  for (int32_t i = 0; i < layer->inputs; i++) {
    const int32_t *place = layer->places + 6 * i;
    const int32_t channels = place[5];
    const int32_t row_start = call->row_start > place[0] ? call->row_start : place[0];
    const int32_t row_end = call->row_end < place[0] + place[3] ? call->row_end : place[0] + place[3];
    const int32_t column_start = call->column_start > place[1] ? call->column_start : place[1];
    const int32_t column_end = call->column_end < place[1] + place[4] ? call->column_end : place[1] + place[4];
    if (column_start >= column_end) continue;
    for (int32_t y = row_start; y < row_end; y++) {
      const ${cell} *in = (const ${cell} *)call->inputs[i].cells + net_cell(&call->inputs[i], y - place[0], column_start - place[1]) * channels;
      ${cell} *out = (${cell} *)call->output.cells + net_cell(&call->output, y, column_start) * layer->out_channels + place[2];
      if (channels == layer->out_channels) {
        memcpy(out, in, (size_t)((column_end - column_start) * channels) * sizeof(${cell}));
        continue;
      }
      for (int32_t x = column_start; x < column_end; x++) {
        memcpy(out, in, (size_t)channels * sizeof(${cell}));
        in += channels;
        out += layer->out_channels;
      }
    }
  }
}
`,
  };
}

export function sliceText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_slice_${suffix}`,
    needs: [cellAt],
    text: forCells(
      variant,
      "slice",
      "layer->out_channels",
      `  const ${cell} *cells = call->inputs[0].cells;\n`,
      `      const int32_t row = layer->first_row + y * layer->row_step;
      const int32_t column = layer->first_column + x * layer->column_step;
      const ${cell} *in = cells + net_cell(&call->inputs[0], row, column) * layer->in_channels + layer->first_channel;
      for (int32_t channel = 0; channel < layer->out_channels; channel++) out[channel] = in[channel * layer->channel_step];
`,
    ),
  };
}

export function depthToSpaceText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_depth_to_space_${suffix}`,
    needs: [cellAt],
    text: forCells(
      variant,
      "depth_to_space",
      "layer->out_channels",
      `  const ${cell} *cells = call->inputs[0].cells;
  const int32_t block = layer->block;
  const int32_t in_channels = layer->out_channels * block * block;
`,
      `      const ${cell} *in = cells + net_cell(&call->inputs[0], y / block, x / block) * in_channels
          + (y % block * block + x % block) * layer->position_step;
      for (int32_t channel = 0; channel < layer->out_channels; channel++) out[channel] = in[channel * layer->channel_step];
`,
    ),
  };
}

export function spaceToDepthText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_space_to_depth_${suffix}`,
    needs: [cellAt],
    text: forCells(
      variant,
      "space_to_depth",
      "in_channels * block * block",
      `  const ${cell} *cells = call->inputs[0].cells;
  const int32_t block = layer->block;
  const int32_t in_channels = layer->in_channels;
`,
      `      for (int32_t position = 0; position < block * block; position++) {
        const int32_t row = y * block + position / block;
        const int32_t column = x * block + position % block;
        const ${cell} *in = cells + net_cell(&call->inputs[0], row, column) * in_channels;
        for (int32_t channel = 0; channel < in_channels; channel++) {
          out[position * layer->position_step + channel * layer->channel_step] = in[channel];
        }
      }
`,
    ),
  };
}

export function transposeText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_transpose_${suffix}`,
    needs: [cellAt],
    text: `/* Output axis i is input axis axis_i; the result in row-major order is the output map. */
${forCells(
  variant,
  "transpose",
  "layer->out_channels",
  `  const ${cell} *cells = call->inputs[0].cells;
  const int32_t size[3] = { layer->in_height, layer->in_width, layer->in_channels };
`,
  `      for (int32_t channel = 0; channel < layer->out_channels; channel++) {
        const int32_t at = (y * layer->out_width + x) * layer->out_channels + channel;
        int32_t position[3];
        position[layer->axis_0] = at / (size[layer->axis_1] * size[layer->axis_2]);
        position[layer->axis_1] = at / size[layer->axis_2] % size[layer->axis_1];
        position[layer->axis_2] = at % size[layer->axis_2];
        out[channel] = cells[net_cell(&call->inputs[0], position[0], position[1]) * layer->in_channels + position[2]];
      }
`,
)}`,
  };
}

export function resizeNearestText(variant: Variant): CFunction {
  const { suffix, cell } = variant;
  return {
    name: `net_resize_nearest_${suffix}`,
    needs: [cellAt],
    text: forCells(
      variant,
      "resize_nearest",
      "layer->channels",
      `  const ${cell} *cells = call->inputs[0].cells;\n`,
      `      const ${cell} *in = cells + net_cell(&call->inputs[0], layer->rows[y], layer->columns[x]) * layer->channels;
      memcpy(out, in, (size_t)layer->channels * sizeof(${cell}));
`,
    ),
  };
}

export function resizeLinearText({ type }: Variant): CFunction {
  return type === "float32" ? resizeReal : resizeCodes;
}

const between: CFunction = {
  name: "net_between",
  needs: [],
  text: `static inline float net_between(float low, float high, float share)
{
  return (1.0f - share) * low + share * high;
}
`,
};

const resizeReal: CFunction = {
  name: "net_resize_linear_f32",
  needs: [cellAt, between],
  text: `/* Between two rows at each of two columns, then between the columns. */
static NET_NOINLINE void net_resize_linear_f32(const net_resize_linear_f32_layer *layer, const net_call *call)
{
  const float *cells = call->inputs[0].cells;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    float *out = (float *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      const float *a = cells + net_cell(&call->inputs[0], layer->rows_low[y], layer->columns_low[x]) * layer->channels;
      const float *b = cells + net_cell(&call->inputs[0], layer->rows_low[y], layer->columns_high[x]) * layer->channels;
      const float *c = cells + net_cell(&call->inputs[0], layer->rows_high[y], layer->columns_low[x]) * layer->channels;
      const float *d = cells + net_cell(&call->inputs[0], layer->rows_high[y], layer->columns_high[x]) * layer->channels;
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        const float left = net_between(a[channel], c[channel], layer->rows_share[y]);
        const float right = net_between(b[channel], d[channel], layer->rows_share[y]);
        out[channel] = net_between(left, right, layer->columns_share[x]);
      }
      out += layer->channels;
    }
  }
}
`,
};

const resizeCodes: CFunction = {
  name: "net_resize_linear_s8",
  needs: [cellAt],
  text: `/* Four neighbours with shares in 1024ths, halves away from zero. A neighbour without a share is not read. */
static NET_NOINLINE void net_resize_linear_s8(const net_resize_linear_s8_layer *layer, const net_call *call)
{
  const int8_t *cells = call->inputs[0].cells;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const int32_t down = layer->rows_share[y];
    const int32_t upper = layer->rows_low[y];
    const int32_t lower = down == 0 ? upper : layer->rows_high[y];
    int8_t *out = (int8_t *)call->output.cells + net_cell(&call->output, y, call->column_start) * layer->channels;
    for (int32_t x = call->column_start; x < call->column_end; x++) {
      const int32_t across = layer->columns_share[x];
      const int32_t left = layer->columns_low[x];
      const int32_t right = across == 0 ? left : layer->columns_high[x];
      const int8_t *a = cells + net_cell(&call->inputs[0], upper, left) * layer->channels;
      const int8_t *b = cells + net_cell(&call->inputs[0], upper, right) * layer->channels;
      const int8_t *c = cells + net_cell(&call->inputs[0], lower, left) * layer->channels;
      const int8_t *d = cells + net_cell(&call->inputs[0], lower, right) * layer->channels;
      for (int32_t channel = 0; channel < layer->channels; channel++) {
        const int32_t sum = (1024 - down) * ((1024 - across) * a[channel] + across * b[channel])
            + down * ((1024 - across) * c[channel] + across * d[channel]);
        out[channel] = (int8_t)((sum + (sum > 0 ? 524288 : -524288)) / 1048576);
      }
      out += layer->channels;
    }
  }
}
`,
};
