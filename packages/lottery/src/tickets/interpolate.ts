import { type HostTensor, tensor } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { type Named, floatData, sortedNames } from "../base/parameters.ts";

/**
 * The weights p a + q b, where p + q = 1. Elements that are equal in both stay what they are, and so do tensors of other types
 * than floats, such as a count of batches, when they are equal.
 *
 * @throws LotteryError E_PARAMETERS when names, shapes or dtypes differ, or tensors that are no floats.
 */
export function interpolate(a: Named, b: Named, p: number, q: number): Named {
  const names = sortedNames(a);
  const other = sortedNames(b).find((name) => !Object.hasOwn(a, name));
  if (other !== undefined) fail(other, "is in the second net only");
  return Object.fromEntries(
    names.map((name) => {
      const left = a[name] as HostTensor;
      const right = b[name] ?? fail(name, "is in the first net only");
      if (left.dtype !== right.dtype || left.shape.join() !== right.shape.join()) {
        fail(name, `is ${left.dtype} [${left.shape}] in one net and ${right.dtype} [${right.shape}] in the other`);
      }
      if (isSame(left, right)) return [name, left];
      const values = floatData("interpolate", name, left).slice();
      const others = floatData("interpolate", name, right);
      for (let i = 0; i < values.length; i++) {
        const x = values[i] as number;
        const y = others[i] as number;
        if (x !== y) values[i] = p * x + q * y;
      }
      return [name, tensor(values, { shape: left.shape, dtype: left.dtype })];
    }),
  );
}

function isSame(left: HostTensor, right: HostTensor): boolean {
  const others = right.dataSync();
  return left.dataSync().every((value: number | bigint, i: number) => Object.is(value, others[i]));
}

function fail(name: string, reason: string): never {
  throw new LotteryError("E_PARAMETERS", `interpolate: ${name} ${reason}`, { tensor: name });
}
