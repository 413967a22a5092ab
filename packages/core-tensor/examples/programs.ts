// A program is data: print it, look at any value on its way, cut a part out, and run that part alone.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/programs.ts
import {
  type Tensor,
  add,
  interpret,
  matmul,
  printGraph,
  random,
  relu,
  softmax,
  spec,
  subgraph,
  trace,
} from "@parsimony/core-tensor";

const w1 = random.normal(random.key(1), [4, 3]);
const w2 = random.normal(random.key(2), [3, 2]);

function classify(x: Tensor): Tensor {
  return softmax(add(matmul(relu(matmul(x, w1)), w2), [0.5, -0.5]));
}

const program = trace(classify, spec(["batch", 4], "float32", "x"));
console.log(printGraph(program));

// Taps: every intermediate value, by the name that the print shows.
const x = random.normal(random.key(3), [2, 4]);
const seen = new Map<string, Tensor>();
const { output } = interpret(program, { x }, { onValue: (name, value) => seen.set(name, value) });
const hidden = seen.get("relu_0") as Tensor;
console.log(
  `relu_0 ${JSON.stringify(hidden.shape)}: ${hidden.dataSync().filter((value) => Number(value) === 0).length} of ${hidden.size} are 0`,
);

// The part behind relu_0 is a program too. Fed with the tapped value it gives the same result.
const head = subgraph(program, ["relu_0"], ["softmax_0"]);
const { softmax_0: again } = interpret(head, { relu_0: hidden });
const same = JSON.stringify(again?.toArray()) === JSON.stringify(output?.toArray());
console.log(`the head has ${head.nodes.length} of ${program.nodes.length} nodes; same result: ${same}`);
