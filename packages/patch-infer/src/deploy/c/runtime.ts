/** What every generated program has besides its kernels and tables: how parts of maps are found, kept and moved. */
export const types = `/* The part of a map that is stored: \`cells\` is its cell (top, left). */
typedef struct {
  void *cells;
  int32_t top;
  int32_t left;
  int32_t row_cells;
} net_region;

/* One run of a layer: a box of its output, in the map's own coordinates, and where maps stand. */
typedef struct {
  int32_t row_start;
  int32_t row_end;
  int32_t column_start;
  int32_t column_end;
  net_region inputs[NET_MOST_INPUTS];
  net_region output;
  /* The layer that adds to what stands at the output. */
  const void *add;
  /* Room for channel_block channels at a time, or the running sums of a pooling over all patches. */
  void *scratch;
  int32_t channel_block;
  int32_t is_first;
  int32_t is_last;
} net_call;
`;

export const tables = `/* One axis of a map in one patch: positions from <= i < to are stored, those from compute on are new. */
typedef struct {
  int16_t from;
  int16_t compute;
  int16_t to;
} net_part;

enum { NET_PARTIAL = 1, NET_KEEPS_COLUMNS = 2, NET_KEEPS_ROWS = 4, NET_KEEPS_LINES = 8 };

/* A map as a stage finds it in the arena. */
typedef struct {
  int32_t offset;
  int32_t lines;
  int32_t lines_row_bytes;
  int32_t row_cells;
  int32_t cell_bytes;
  /* Of patch rows and patch columns; NULL for maps that are read whole. */
  const net_part *rows;
  const net_part *columns;
  int32_t flags;
} net_place;

/* What is done for each patch; \`operands\` is the first of its inputs, which are followed by its output, in net_operands. */
typedef struct {
  const void *layer;
  const void *add;
  int32_t scratch;
  uint16_t kernel;
  uint16_t inputs;
  uint16_t operands;
  /* Channels at a time of a depthwise convolution in place; the number of the input or output that is copied. */
  uint16_t detail;
} net_step;

typedef struct {
  uint16_t rows;
  uint16_t columns;
  uint16_t first_step;
  uint16_t end_step;
} net_stage;
`;

export const running = `static uint8_t *net_at(const net_place *place, int32_t row, int32_t column)
{
  return NET_ARENA + place->offset + (row * place->row_cells + column) * place->cell_bytes;
}

/* Moves what stays from the patch before to the left edge and the top of the buffer. */
static void net_move_kept(const net_place *place, int32_t row, int32_t column)
{
  const int32_t row_bytes = place->row_cells * place->cell_bytes;
  if ((place->flags & NET_KEEPS_COLUMNS) != 0 && column > 0) {
    const net_part *columns = place->columns + column;
    const int32_t shift = columns->from - columns[-1].from;
    const int32_t kept = columns[-1].to - columns->from;
    if (shift > 0 && kept > 0) {
      uint8_t *at = net_at(place, 0, 0);
      for (int32_t i = place->rows[row].to - place->rows[row].from; i > 0; i--) {
        memmove(at, at + shift * place->cell_bytes, (size_t)(kept * place->cell_bytes));
        at += row_bytes;
      }
    }
  }
  if ((place->flags & NET_KEEPS_ROWS) != 0 && row > 0) {
    const net_part *rows = place->rows + row;
    const int32_t shift = rows->from - rows[-1].from;
    const int32_t kept = rows[-1].to - rows->from;
    if (shift > 0 && kept > 0) {
      uint8_t *top = net_at(place, 0, 0);
      memmove(top, top + shift * row_bytes, (size_t)(kept * row_bytes));
    }
  }
}

/* Copies rows first <= y < end of the new columns between a patch and the rows that are kept across the whole width. */
static void net_copy_lines(const net_place *place, int32_t row, int32_t column, int32_t first, int32_t end, int32_t lines_top,
    int into_lines)
{
  const net_part *columns = place->columns + column;
  const int32_t bytes = (columns->to - columns->compute) * place->cell_bytes;
  if (bytes <= 0) return;
  for (int32_t y = first; y < end; y++) {
    uint8_t *patch = net_at(place, y - place->rows[row].from, columns->compute - columns->from);
    uint8_t *lines = NET_ARENA + place->lines + (y - lines_top) * place->lines_row_bytes + columns->compute * place->cell_bytes;
    if (into_lines) memcpy(lines, patch, (size_t)bytes);
    else memcpy(patch, lines, (size_t)bytes);
  }
}

static void net_before(const net_place *place, int32_t row, int32_t column)
{
  net_move_kept(place, row, column);
  if ((place->flags & NET_KEEPS_LINES) != 0 && row > 0) {
    const net_part *rows = place->rows + row;
    net_copy_lines(place, row, column, rows->from, rows->compute, rows->from, 0);
  }
}

static void net_after(const net_place *place, int32_t row, int32_t column, int32_t patch_rows)
{
  if ((place->flags & NET_KEEPS_LINES) != 0 && row + 1 < patch_rows) {
    const net_part *rows = place->rows + row;
    net_copy_lines(place, row, column, rows[1].from, rows->to, rows[1].from, 1);
  }
}

static void net_find(net_region *region, const net_place *place, int32_t row, int32_t column)
{
  const int partial = (place->flags & NET_PARTIAL) != 0;
  region->cells = net_at(place, 0, 0);
  region->top = partial ? place->rows[row].from : 0;
  region->left = partial ? place->columns[column].from : 0;
  region->row_cells = place->row_cells;
}
`;

/** Copies of inputs into the arena, as the program reads them. */
export const loading = {
  external: `/* Copies a box of an input into its place. */
static int net_load(const net_io *io, const net_place *place, const net_call *call, int32_t input)
{
  const int32_t width = net_input_widths[input];
  const int32_t bytes = (call->column_end - call->column_start) * place->cell_bytes;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    const uint8_t *from = (const uint8_t *)io->inputs[input] + (y * width + call->column_start) * place->cell_bytes;
    memcpy(net_at(place, y - call->output.top, call->column_start - call->output.left), from, (size_t)bytes);
  }
  return 0;
}
`,
  callback: `/* Asks for a box of an input, which is written to its place. */
static int net_load(const net_io *io, const net_place *place, const net_call *call, int32_t input)
{
  void *cells = net_at(place, call->row_start - call->output.top, call->column_start - call->output.left);
  return io->read(io->context, input, call->row_start, call->column_start, call->row_end - call->row_start,
      call->column_end - call->column_start, cells, place->row_cells);
}
`,
};

export const handingOut = `/* Copies a box of an output out of the arena. */
static void net_hand_out(const net_io *io, const net_place *place, const net_call *call, int32_t output)
{
  const int32_t width = net_output_widths[output];
  const int32_t bytes = (call->column_end - call->column_start) * place->cell_bytes;
  for (int32_t y = call->row_start; y < call->row_end; y++) {
    uint8_t *to = (uint8_t *)io->outputs[output] + (y * width + call->column_start) * place->cell_bytes;
    memcpy(to, net_at(place, y - call->output.top, call->column_start - call->output.left), (size_t)bytes);
  }
}
`;

/** One step of one patch. `pools` are the numbers of kernels that add up what patches make. */
export function stepText({
  loads,
  handsOut,
  pools,
}: {
  readonly loads: boolean;
  readonly handsOut: boolean;
  readonly pools: readonly string[];
}): string {
  const pool = `  if (${pools.map((number) => `step->kernel == ${number}`).join(" || ")}) {
    /* Each patch adds its box of the input; the output is new with the last one. */
    const net_place *input = &net_places[net_operands[step->operands]];
    call->row_start = input->rows[row].compute;
    call->row_end = input->rows[row].to;
    call->column_start = input->columns[column].compute;
    call->column_end = input->columns[column].to;
    call->is_first = row == 0 && column == 0;
    call->is_last = any;
    net_find(&call->inputs[0], input, row, column);
    net_run_kernel(step, call);
    return 0;
  }
`;
  const handOut = `  if (step->kernel == NET_HAND_OUT) {
    if (any) net_hand_out(io, output, call, step->detail);
    return 0;
  }
`;
  const load = `    if (step->kernel == NET_LOAD) {
      const int status = net_load(io, output, call, step->detail);
      if (status != 0) return status;
    } else {
      net_run_kernel(step, call);
    }
`;
  return `/* One step of one patch. */
static int net_do(const net_step *step, const net_io *io, net_call *call, int32_t row, int32_t column, int32_t patch_rows)
{
  const net_place *output = &net_places[net_operands[step->operands + step->inputs]];
  const net_part *rows = output->rows + row;
  const net_part *columns = output->columns + column;
  const int any = rows->to > rows->compute && columns->to > columns->compute;
  call->row_start = rows->compute;
  call->row_end = rows->to;
  call->column_start = columns->compute;
  call->column_end = columns->to;
  call->add = step->add;
  call->scratch = NET_ARENA + step->scratch;
  call->channel_block = step->detail;
  net_find(&call->output, output, row, column);
${handsOut ? handOut : ""}${pools.length > 0 ? pool : ""}${loads || handsOut ? "" : "  (void)io;\n"}  net_before(output, row, column);
  if (any) {
    for (int32_t i = 0; i < step->inputs; i++) {
      net_find(&call->inputs[i], &net_places[net_operands[step->operands + i]], row, column);
    }
${loads ? load : "    net_run_kernel(step, call);\n"}  }
  net_after(output, row, column, patch_rows);
  return 0;
}
`;
}
