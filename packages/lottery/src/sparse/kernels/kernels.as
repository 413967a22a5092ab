// Products of a matrix [outputs, inputs] with one vector or with several side by side, four outputs at a time.
//
// Every output is one sum over its inputs in rising order, in float32, starting from +0; then the bias, then the activation.
// Lanes of a register belong to different outputs (one vector) or to different vectors (several), never to one sum. So
// the bits are the same for every layout, every number of vectors and every engine.

/** A layer in memory. Distances count elements; an element is `1 << unit` bytes: one float for every vector side by side. */
@unmanaged
class Layer {
  /** 0: dense, 1: blocks with 16-bit numbers, 2: with 32-bit, 3: sliced with 16-bit numbers, 4: with 32-bit. */
  layout: u32;
  /** Each of four outputs. */
  groups: u32;
  /** Per group and one more: its first step. The steps of a group are one run. */
  starts: usize;
  /** Per group and output: its place among the outputs. */
  rows: usize;
  /** Per step four weights, one for each output of the group. */
  values: usize;
  /**
   * Which inputs the weights of a step belong to, times four. Sliced: one number for each weight. Blocks: one for all
   * four. Dense: none, step n of a group takes input n.
   */
  index: usize;
  /** Per group and output. */
  bias: usize;
  /** 0: none, 1: max(sum, 0). */
  activation: u32;
  /** From one output to the next. */
  outputStride: u32;
  /** The product is repeated: a convolution has one for every place of its window. */
  countY: u32;
  countX: u32;
  /** From the input of one place to that of the next, down and to the right; and the same for outputs. */
  inputStepY: u32;
  inputStepX: u32;
  outputStepY: u32;
  outputStepX: u32;
}

// @ts-ignore: decorator
@inline
function finish(layer: Layer, sum: v128, bias: v128): v128 {
  const biased = f32x4.add(sum, bias);
  return layer.activation == 1 ? f32x4.max(biased, f32x4.splat(0)) : biased;
}

// One vector: lanes are outputs.

// @ts-ignore: decorator
@inline
function storeOutputs(layer: Layer, group: usize, sums: v128, y: usize): void {
  const values = finish(layer, sums, v128.load(layer.bias + 16 * group));
  const rows = layer.rows + 16 * group;
  const stride = <usize>layer.outputStride << 2;
  store<f32>(y + <usize>load<u32>(rows) * stride, f32x4.extract_lane(values, 0));
  store<f32>(y + <usize>load<u32>(rows, 4) * stride, f32x4.extract_lane(values, 1));
  store<f32>(y + <usize>load<u32>(rows, 8) * stride, f32x4.extract_lane(values, 2));
  store<f32>(y + <usize>load<u32>(rows, 12) * stride, f32x4.extract_lane(values, 3));
}

/** The inputs of one step. T: the width of input numbers; u64 stands for dense, which has none. */
// @ts-ignore: decorator
@inline
function inputsOfStep<T>(index: usize, x: usize, sliced: bool): v128 {
  if (!sliced) return v128.load32_splat(x + <usize>load<T>(index));
  let v = v128.load32_zero(x + <usize>load<T>(index));
  v = v128.load_lane<f32>(x + <usize>load<T>(index, sizeof<T>()), v, 1);
  v = v128.load_lane<f32>(x + <usize>load<T>(index, 2 * sizeof<T>()), v, 2);
  return v128.load_lane<f32>(x + <usize>load<T>(index, 3 * sizeof<T>()), v, 3);
}

/** Two groups at once, because a sum alone waits for itself at every step. */
// @ts-ignore: decorator
@inline
function outputLanes<T>(layer: Layer, x: usize, y: usize, sliced: bool): void {
  const groups = <usize>layer.groups;
  const starts = layer.starts;
  const indexStep = (sliced ? 4 : 1) * sizeof<T>();
  for (let group: usize = 0; group < groups; group += 2) {
    const pair = group + 1 < groups;
    const startA = <usize>load<u32>(starts + 4 * group);
    const startB = <usize>load<u32>(starts + 4 * group, 4);
    const endB = pair ? <usize>load<u32>(starts + 4 * group, 8) : startB;
    let valuesA = layer.values + 16 * startA;
    let valuesB = layer.values + 16 * startB;
    const stopA = valuesB;
    const stopB = layer.values + 16 * endB;
    const stopBoth = valuesA + min(stopA - valuesA, stopB - valuesB);
    let indexA = layer.index + startA * indexStep;
    let indexB = layer.index + startB * indexStep;
    let sumA = f32x4.splat(0);
    let sumB = f32x4.splat(0);
    while (valuesA < stopBoth) {
      sumA = f32x4.add(sumA, f32x4.mul(v128.load(valuesA), inputsOfStep<T>(indexA, x, sliced)));
      sumB = f32x4.add(sumB, f32x4.mul(v128.load(valuesB), inputsOfStep<T>(indexB, x, sliced)));
      valuesA += 16;
      valuesB += 16;
      indexA += indexStep;
      indexB += indexStep;
    }
    while (valuesA < stopA) {
      sumA = f32x4.add(sumA, f32x4.mul(v128.load(valuesA), inputsOfStep<T>(indexA, x, sliced)));
      valuesA += 16;
      indexA += indexStep;
    }
    while (valuesB < stopB) {
      sumB = f32x4.add(sumB, f32x4.mul(v128.load(valuesB), inputsOfStep<T>(indexB, x, sliced)));
      valuesB += 16;
      indexB += indexStep;
    }
    storeOutputs(layer, group, sumA, y);
    if (pair) storeOutputs(layer, group + 1, sumB, y);
  }
}

/** Dense, four groups at once: they share every input, and one sum each keeps the adders busy. */
function outputLanesDense(layer: Layer, x: usize, y: usize): void {
  const groups = <usize>layer.groups;
  const values = layer.values;
  const inputs = <usize>(load<u32>(layer.starts, 4) - load<u32>(layer.starts));
  const size: usize = inputs << 4;
  let group: usize = 0;
  for (; group + 4 <= groups; group += 4) {
    const a = values + group * size;
    const b = a + size;
    const c = b + size;
    const d = c + size;
    let sumA = f32x4.splat(0);
    let sumB = f32x4.splat(0);
    let sumC = f32x4.splat(0);
    let sumD = f32x4.splat(0);
    for (let at: usize = 0; at < size; at += 16) {
      const input = v128.load32_splat(x + (at >> 2));
      sumA = f32x4.add(sumA, f32x4.mul(v128.load(a + at), input));
      sumB = f32x4.add(sumB, f32x4.mul(v128.load(b + at), input));
      sumC = f32x4.add(sumC, f32x4.mul(v128.load(c + at), input));
      sumD = f32x4.add(sumD, f32x4.mul(v128.load(d + at), input));
    }
    storeOutputs(layer, group, sumA, y);
    storeOutputs(layer, group + 1, sumB, y);
    storeOutputs(layer, group + 2, sumC, y);
    storeOutputs(layer, group + 3, sumD, y);
  }
  for (; group < groups; group++) {
    const a = values + group * size;
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < size; at += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(a + at), v128.load32_splat(x + (at >> 2))));
    }
    storeOutputs(layer, group, sum, y);
  }
}

// Several vectors: lanes are vectors. Loops are kept so small that what they load and what they add up fits the sixteen
// registers of x86 together: an engine that loads everything first would otherwise put sums aside in memory.

/** Byte offset of the input of a weight. T: the width of `index`; u64 stands for dense, whose index is the offset itself. */
// @ts-ignore: decorator
@inline
function offset<T>(index: usize, at: usize, unit: usize): usize {
  return sizeof<T>() == 8 ? index : <usize>load<T>(index + at) << (unit - 2);
}

// @ts-ignore: decorator
@inline
function firstIndex<T>(layer: Layer, start: usize, sliced: bool): usize {
  return sizeof<T>() == 8 ? 0 : layer.index + start * (sliced ? 4 : 1) * sizeof<T>();
}

// @ts-ignore: decorator
@inline
function indexStep<T>(unit: usize, sliced: bool): usize {
  return sizeof<T>() == 8 ? <usize>1 << unit : (sliced ? 4 : 1) * sizeof<T>();
}

/** Four outputs, one register each. */
// @ts-ignore: decorator
@inline
function lanes4<T>(layer: Layer, unit: usize, x: usize, y: usize, sliced: bool): void {
  const groups = <usize>layer.groups;
  const stride = <usize>layer.outputStride << unit;
  for (let group: usize = 0; group < groups; group++) {
    const start = <usize>load<u32>(layer.starts + 4 * group);
    const end = layer.values + 16 * <usize>load<u32>(layer.starts + 4 * group, 4);
    let index = firstIndex<T>(layer, start, sliced);
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let weights = layer.values + 16 * start; weights < end; weights += 16) {
      let input = v128.load(x + offset<T>(index, 0, unit));
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(weights), input));
      if (sliced) input = v128.load(x + offset<T>(index, sizeof<T>(), unit));
      b = f32x4.add(b, f32x4.mul(v128.load32_splat(weights, 4), input));
      if (sliced) input = v128.load(x + offset<T>(index, 2 * sizeof<T>(), unit));
      c = f32x4.add(c, f32x4.mul(v128.load32_splat(weights, 8), input));
      if (sliced) input = v128.load(x + offset<T>(index, 3 * sizeof<T>(), unit));
      d = f32x4.add(d, f32x4.mul(v128.load32_splat(weights, 12), input));
      index += indexStep<T>(unit, sliced);
    }
    const rows = layer.rows + 16 * group;
    const bias = layer.bias + 16 * group;
    v128.store(y + <usize>load<u32>(rows) * stride, finish(layer, a, v128.load32_splat(bias)));
    v128.store(y + <usize>load<u32>(rows, 4) * stride, finish(layer, b, v128.load32_splat(bias, 4)));
    v128.store(y + <usize>load<u32>(rows, 8) * stride, finish(layer, c, v128.load32_splat(bias, 8)));
    v128.store(y + <usize>load<u32>(rows, 12) * stride, finish(layer, d, v128.load32_splat(bias, 12)));
  }
}

// @ts-ignore: decorator
@inline
function store8(layer: Layer, rows: usize, bias: usize, y: usize, stride: usize, low: v128, high: v128): void {
  const b = v128.load32_splat(bias);
  const out = y + <usize>load<u32>(rows) * stride;
  v128.store(out, finish(layer, low, b));
  v128.store(out, finish(layer, high, b), 16);
}

/** Four outputs that share their inputs (dense, blocks), two registers each. */
// @ts-ignore: decorator
@inline
function shared8<T>(layer: Layer, unit: usize, x: usize, y: usize): void {
  const groups = <usize>layer.groups;
  const stride = <usize>layer.outputStride << unit;
  for (let group: usize = 0; group < groups; group++) {
    const start = <usize>load<u32>(layer.starts + 4 * group);
    const end = layer.values + 16 * <usize>load<u32>(layer.starts + 4 * group, 4);
    let index = firstIndex<T>(layer, start, false);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let c0 = f32x4.splat(0);
    let c1 = f32x4.splat(0);
    let d0 = f32x4.splat(0);
    let d1 = f32x4.splat(0);
    for (let weights = layer.values + 16 * start; weights < end; weights += 16) {
      const at = x + offset<T>(index, 0, unit);
      const low = v128.load(at);
      const high = v128.load(at, 16);
      let w = v128.load32_splat(weights);
      a0 = f32x4.add(a0, f32x4.mul(low, w));
      a1 = f32x4.add(a1, f32x4.mul(high, w));
      w = v128.load32_splat(weights, 4);
      b0 = f32x4.add(b0, f32x4.mul(low, w));
      b1 = f32x4.add(b1, f32x4.mul(high, w));
      w = v128.load32_splat(weights, 8);
      c0 = f32x4.add(c0, f32x4.mul(low, w));
      c1 = f32x4.add(c1, f32x4.mul(high, w));
      w = v128.load32_splat(weights, 12);
      d0 = f32x4.add(d0, f32x4.mul(low, w));
      d1 = f32x4.add(d1, f32x4.mul(high, w));
      index += indexStep<T>(unit, false);
    }
    const rows = layer.rows + 16 * group;
    const bias = layer.bias + 16 * group;
    store8(layer, rows, bias, y, stride, a0, a1);
    store8(layer, rows + 4, bias + 4, y, stride, b0, b1);
    store8(layer, rows + 8, bias + 8, y, stride, c0, c1);
    store8(layer, rows + 12, bias + 12, y, stride, d0, d1);
  }
}

/** Two outputs at a time, each with inputs of its own (sliced), two registers each. */
// @ts-ignore: decorator
@inline
function sliced8<T>(layer: Layer, unit: usize, x: usize, y: usize): void {
  const halves = <usize>layer.groups << 1;
  const stride = <usize>layer.outputStride << unit;
  for (let half: usize = 0; half < halves; half++) {
    const starts = layer.starts + 4 * (half >> 1);
    const start = <usize>load<u32>(starts);
    const slot = (half & 1) << 1;
    const end = layer.values + 16 * <usize>load<u32>(starts, 4) + 4 * slot;
    let index = firstIndex<T>(layer, start, true) + slot * sizeof<T>();
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    for (let weights = layer.values + 16 * start + 4 * slot; weights < end; weights += 16) {
      let at = x + offset<T>(index, 0, unit);
      let w = v128.load32_splat(weights);
      a0 = f32x4.add(a0, f32x4.mul(v128.load(at), w));
      a1 = f32x4.add(a1, f32x4.mul(v128.load(at, 16), w));
      at = x + offset<T>(index, sizeof<T>(), unit);
      w = v128.load32_splat(weights, 4);
      b0 = f32x4.add(b0, f32x4.mul(v128.load(at), w));
      b1 = f32x4.add(b1, f32x4.mul(v128.load(at, 16), w));
      index += 4 * sizeof<T>();
    }
    const rows = layer.rows + 8 * half;
    const bias = layer.bias + 8 * half;
    store8(layer, rows, bias, y, stride, a0, a1);
    store8(layer, rows + 4, bias + 4, y, stride, b0, b1);
  }
}

// One function for each number of lanes, layout and size of an element, so that loops hold no choices.
function one1(layer: Layer, x: usize, y: usize): void { outputLanes<u16>(layer, x, y, false); }
function one2(layer: Layer, x: usize, y: usize): void { outputLanes<u32>(layer, x, y, false); }
function one3(layer: Layer, x: usize, y: usize): void { outputLanes<u16>(layer, x, y, true); }
function one4(layer: Layer, x: usize, y: usize): void { outputLanes<u32>(layer, x, y, true); }
function four0(layer: Layer, x: usize, y: usize): void { lanes4<u64>(layer, 4, x, y, false); }
function four1(layer: Layer, x: usize, y: usize): void { lanes4<u16>(layer, 4, x, y, false); }
function four2(layer: Layer, x: usize, y: usize): void { lanes4<u32>(layer, 4, x, y, false); }
function four3(layer: Layer, x: usize, y: usize): void { lanes4<u16>(layer, 4, x, y, true); }
function four4(layer: Layer, x: usize, y: usize): void { lanes4<u32>(layer, 4, x, y, true); }
function eight0(layer: Layer, x: usize, y: usize): void { shared8<u64>(layer, 5, x, y); }
function eight1(layer: Layer, x: usize, y: usize): void { shared8<u16>(layer, 5, x, y); }
function eight2(layer: Layer, x: usize, y: usize): void { shared8<u32>(layer, 5, x, y); }
function eight3(layer: Layer, x: usize, y: usize): void { sliced8<u16>(layer, 5, x, y); }
function eight4(layer: Layer, x: usize, y: usize): void { sliced8<u32>(layer, 5, x, y); }
// Neighbouring places of one image side by side: an element is one float.
function places1(layer: Layer, x: usize, y: usize): void { lanes4<u16>(layer, 2, x, y, false); }
function places2(layer: Layer, x: usize, y: usize): void { lanes4<u32>(layer, 2, x, y, false); }
function places3(layer: Layer, x: usize, y: usize): void { lanes4<u16>(layer, 2, x, y, true); }
function places4(layer: Layer, x: usize, y: usize): void { lanes4<u32>(layer, 2, x, y, true); }

function runOnce(layer: Layer, kernel: u32, x: usize, y: usize): void {
  switch (kernel) {
    case 0: outputLanesDense(layer, x, y); break;
    case 1: one1(layer, x, y); break;
    case 2: one2(layer, x, y); break;
    case 3: one3(layer, x, y); break;
    case 4: one4(layer, x, y); break;
    case 5: four0(layer, x, y); break;
    case 6: four1(layer, x, y); break;
    case 7: four2(layer, x, y); break;
    case 8: four3(layer, x, y); break;
    case 9: four4(layer, x, y); break;
    case 10: eight0(layer, x, y); break;
    case 11: eight1(layer, x, y); break;
    case 12: eight2(layer, x, y); break;
    case 13: eight3(layer, x, y); break;
    case 14: eight4(layer, x, y); break;
    case 16: places1(layer, x, y); break;
    case 17: places2(layer, x, y); break;
    case 18: places3(layer, x, y); break;
    case 19: places4(layer, x, y); break;
  }
}

/**
 * The layer at every place. `mode` 0: one vector, 1, 2: 4, 8 vectors side by side, 3: four neighbouring places of one vector.
 * An element is 4, 16, 32, 4 bytes.
 */
export function run(layer: Layer, mode: u32, x: usize, y: usize): void {
  const unit: usize = mode == 1 ? 4 : mode == 2 ? 5 : 2;
  const kernel = 5 * mode + layer.layout;
  const skip: u32 = mode == 3 ? 4 : 1;
  for (let placeY: u32 = 0; placeY < layer.countY; placeY++) {
    for (let first: u32 = 0; first < layer.countX; first += skip) {
      // Four neighbours are done at once: the last four of a row may repeat some of those before them.
      const placeX = min(first, layer.countX - skip);
      const from = x + (<usize>(placeY * layer.inputStepY + placeX * layer.inputStepX) << unit);
      const to = y + (<usize>(placeY * layer.outputStepY + placeX * layer.outputStepX) << unit);
      runOnce(layer, kernel, from, to);
    }
  }
}

/** Vectors [lanes, size] one after the other -> side by side [size, lanes]. */
export function interleave(from: usize, to: usize, size: usize, lanes: usize): void {
  let i: usize = 0;
  for (; i + 4 <= size; i += 4) {
    for (let lane: usize = 0; lane < lanes; lane += 4) {
      transpose(from + 4 * (lane * size + i), 4 * size, to + 4 * (i * lanes + lane), 4 * lanes);
    }
  }
  for (; i < size; i++) {
    for (let lane: usize = 0; lane < lanes; lane++) {
      store<f32>(to + 4 * (i * lanes + lane), load<f32>(from + 4 * (lane * size + i)));
    }
  }
}

/** Vectors side by side [size, lanes] -> one after the other [lanes, size]. */
export function separate(from: usize, to: usize, size: usize, lanes: usize): void {
  let i: usize = 0;
  for (; i + 4 <= size; i += 4) {
    for (let lane: usize = 0; lane < lanes; lane += 4) {
      transpose(from + 4 * (i * lanes + lane), 4 * lanes, to + 4 * (lane * size + i), 4 * size);
    }
  }
  for (; i < size; i++) {
    for (let lane: usize = 0; lane < lanes; lane++) {
      store<f32>(to + 4 * (lane * size + i), load<f32>(from + 4 * (i * lanes + lane)));
    }
  }
}

// @ts-ignore: decorator
@inline
function transpose(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride);
  const d = v128.load(from + 3 * fromStride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}
