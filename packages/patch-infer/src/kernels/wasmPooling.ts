import type { FeatureMap } from "../network/network.ts";
import type { PreparedLayer } from "./table.ts";
import type { WasmMachine } from "./wasmMachine.ts";

/** Bits of the word behind the address of the sums. */
const first = 1;
const last = 2;

/**
 * A global pooling whose kernel folds the box of its record into running sums. At `word` of the record stand the address of the
 * sums and whether the box is the first, the last, or both: the whole image is one box.
 */
export function pooling(
  machine: WasmMachine,
  record: number,
  word: number,
  { height, width }: Pick<FeatureMap, "height" | "width">,
  kernel: () => void,
): PreparedLayer {
  const at = record >> 2;
  return {
    run: (call) => {
      machine.write(record, call);
      const { words } = machine;
      words[at] = 0;
      words[at + 1] = height;
      words[at + 2] = 0;
      words[at + 3] = width;
      words[at + word + 1] = first + last;
      kernel();
    },
    runPooling: (call, sums, isFirst, isLast) => {
      machine.write(record, call);
      const { words } = machine;
      words[at + word] = machine.arenaStart + sums;
      words[at + word + 1] = (isFirst ? first : 0) + (isLast ? last : 0);
      kernel();
    },
  };
}
