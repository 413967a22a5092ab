// A transformer that learns a text by heart, letter by letter: 600 steps of Adam inside one onnxruntime program.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/characters.ts
import { readFileSync } from "node:fs";
import {
  type Tensor,
  add,
  argMax,
  crossEntropy,
  gelu,
  jit,
  random,
  scan,
  tensor,
  valueAndGrad,
} from "@parsimony/core-tensor";
import {
  type AttentionParams,
  type DenseParams,
  type EmbeddingParams,
  type NormParams,
  dense,
  embedding,
  initAttention,
  initDense,
  initEmbedding,
  initNorm,
  layerNorm,
  multiHeadAttention,
} from "@parsimony/core-tensor/nn";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { type State, adam, applyUpdates } from "@parsimony/core-tensor/optim";

const text = readFileSync(new URL("../LICENSE", import.meta.url), "utf8");
const letters = [...new Set(text)].sort();
const codes = Int32Array.from(text, (letter) => letters.indexOf(letter));
const [width, heads, context, batch, steps] = [48, 4, 32, 16, 600] as const;

interface Params {
  readonly letters: EmbeddingParams;
  readonly places: Tensor;
  readonly norm1: NormParams;
  readonly attention: AttentionParams;
  readonly norm2: NormParams;
  readonly up: DenseParams;
  readonly down: DenseParams;
  readonly output: DenseParams;
}

function init(key: random.Key): Params {
  const [a, b, c, d, e, f] = random.split(key, 6) as [
    random.Key,
    random.Key,
    random.Key,
    random.Key,
    random.Key,
    random.Key,
  ];
  return {
    letters: initEmbedding(a, letters.length, width),
    places: random.normal(b, [context, width], { std: 0.02 }),
    norm1: initNorm(width),
    attention: initAttention(c, width),
    norm2: initNorm(width),
    up: initDense(d, width, 4 * width),
    down: initDense(e, 4 * width, width),
    output: initDense(f, width, letters.length),
  };
}

/** Codes [batch, context] -> logits of the next letter at every place. */
function logits(p: Params, x: Tensor): Tensor {
  const h0 = add(embedding(p.letters, x), p.places);
  const h1 = add(h0, multiHeadAttention(p.attention, layerNorm(p.norm1, h0), { heads, causal: true }));
  const h2 = add(h1, dense(p.down, gelu(dense(p.up, layerNorm(p.norm2, h1)))));
  return dense(p.output, h2);
}

const loss = (p: Params, x: Tensor, y: Tensor): Tensor => crossEntropy(logits(p, x), y);

/** Random windows of the text, and the same windows one letter later. */
function windows(key: random.Key): readonly [Tensor, Tensor] {
  const starts = random.randint(key, [steps * batch], { max: codes.length - context }).dataSync();
  const at = (shift: number): Tensor =>
    tensor(
      Int32Array.from(
        { length: steps * batch * context },
        (_, i) => codes[Number(starts[Math.floor(i / context)]) + (i % context) + shift] as number,
      ),
      {
        shape: [steps, batch, context],
      },
    );
  return [at(0), at(1)];
}

const backend = await onnxruntime();
const optimizer = adam(5e-3);
type Carry = readonly [Params, readonly State[]];
const train = jit(
  (start: Carry, batches: readonly [Tensor, Tensor]) =>
    scan(
      ([p, state]: Carry, [x, y]: readonly [Tensor, Tensor]) => {
        const [value, gradient] = valueAndGrad(loss)(p, x, y);
        const [updates, next] = optimizer.update(gradient, state, p);
        return [[applyUpdates(p, updates), next] as Carry, value];
      },
      start,
      batches,
    ),
  { backend },
);
const start = init(random.key(1));
const [[params], losses] = await train([start, optimizer.init(start)], windows(random.key(2)));
const history = losses.dataSync() as Float32Array;
console.log(`loss per letter: ${(history[0] as number).toFixed(2)} -> ${(history.at(-1) as number).toFixed(2)}`);

// Recite: from the first letters, always the most probable next one.
const next = jit((p: Params, x: Tensor) => argMax(logits(p, x)), { backend });
let recited = text.slice(0, context);
while (recited.length < 3 * context) {
  const seen = Int32Array.from(recited.slice(-context), (letter) => letters.indexOf(letter));
  const codesAfter = (await next(params, tensor(seen, { shape: [1, context] }))).dataSync();
  recited += letters[Number(codesAfter.at(-1))] as string;
}
const right = [...recited].findIndex((letter, i) => letter !== text[i]);
console.log(
  `given ${context} letters it recites ${(right < 0 ? recited.length : right) - context} of ${2 * context}: ${JSON.stringify(recited.slice(context))}`,
);
await backend.dispose();
