import { clampReal, multiply, toCode } from "./fixedPoint.ts";
import type { CFunction, Variant } from "./variant.ts";

/** Sums of products over a window, for four output channels at a time and for one. */
export function dots({ suffix, cell, sum, type }: Variant): CFunction {
  const zero = type === "int8" ? ", int32_t zero" : "";
  const value = type === "int8" ? "in[i] - zero" : "in[i]";
  return {
    name: `net_dot4_${suffix}`,
    needs: [],
    text: `/* The part of a window that lies inside the image: rows of runs of neighbouring cells. */
typedef struct {
  int32_t rows;
  int32_t runs;
  int32_t length;
  int32_t in_row;
  int32_t in_run;
  int32_t weights_row;
  int32_t weights_run;
} net_taps_${suffix};

/* Adds the products of a window to the sums of four channels, whose weights stand \`next\` apart. */
static NET_NOINLINE void net_dot4_${suffix}(const net_taps_${suffix} *taps, const ${cell} *in_start, const ${cell} *weights_start, int32_t next${zero},
    ${sum} *sums)
{
  ${sum} a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  for (int32_t row = 0; row < taps->rows; row++) {
    for (int32_t run = 0; run < taps->runs; run++) {
      const ${cell} *in = in_start + row * taps->in_row + run * taps->in_run;
      const ${cell} *wa = weights_start + row * taps->weights_row + run * taps->weights_run;
      const ${cell} *wb = wa + next;
      const ${cell} *wc = wb + next;
      const ${cell} *wd = wc + next;
      for (int32_t i = 0; i < taps->length; i++) {
        const ${sum} value = ${value};
        a += value * wa[i];
        b += value * wb[i];
        c += value * wc[i];
        d += value * wd[i];
      }
    }
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
}

static NET_NOINLINE ${sum} net_dot_${suffix}(const net_taps_${suffix} *taps, const ${cell} *in_start, const ${cell} *weights_start${zero}, ${sum} total)
{
  for (int32_t row = 0; row < taps->rows; row++) {
    for (int32_t run = 0; run < taps->runs; run++) {
      const ${cell} *in = in_start + row * taps->in_row + run * taps->in_run;
      const ${cell} *weights = weights_start + row * taps->weights_row + run * taps->weights_run;
      for (int32_t i = 0; i < taps->length; i++) total += (${value}) * weights[i];
    }
  }
  return total;
}
`,
  };
}

/** From a sum to a cell. `layer` is a struct with the fields of a convolution. */
export function finish({ type }: Variant, total: string, channel: string): string {
  return type === "int8"
    ? `net_code_s8(net_multiply(${total}, layer->multiplier[${channel}], layer->shift[${channel}]), layer->out_zero, layer->min, layer->max)`
    : `net_clamp_f32(${total}, layer->min, layer->max)`;
}

export function finishNeeds({ type }: Variant): readonly CFunction[] {
  return type === "int8" ? [multiply, toCode] : [clampReal];
}
