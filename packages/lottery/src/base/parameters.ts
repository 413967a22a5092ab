import {
  type HostTensor,
  type Tensor,
  flattenTree,
  isHostTensor,
  isTensor,
  unflattenTree,
} from "@parsimony/core-tensor";
import { LotteryError } from "./errors.ts";

/**
 * Tensors by name. A tree of parameters (any nesting of arrays and plain objects) has the names that its paths give it,
 * such as `"hidden1.weight"`; a flat record with these names is the same tree to every function of this package.
 */
export type Named<T extends Tensor = HostTensor> = Readonly<Record<string, T>>;

/**
 * The tensors of a tree by path, in order of their paths' appearance in `flattenTree`.
 *
 * @throws LotteryError E_PARAMETERS for a tensor that is not on the host (await `toHost` first), or two of one path, as in
 *   `{ a: { b: x }, "a.b": y }`.
 */
export function namedTensors(where: string, tree: unknown): Named {
  const { leaves, paths } = flattenTree(tree, isTensor, { op: where, argument: "params" });
  const known = new Set<string>();
  return Object.fromEntries(
    leaves.map((leaf, i) => {
      const name = paths[i] as string;
      if (known.has(name)) {
        throw new LotteryError("E_PARAMETERS", `${where}: there are two tensors called ${name}`, { tensor: name });
      }
      known.add(name);
      if (!isHostTensor(leaf)) {
        const message = `${where}: ${name} is not on the host; await toHostTree(params) first`;
        throw new LotteryError("E_PARAMETERS", message, { tensor: name });
      }
      return [name, leaf];
    }),
  );
}

/** A tree of the same nesting with other tensors at its places; the function sees the path too. */
export function mapNamed<P>(params: P, fn: (tensor: HostTensor, name: string) => Tensor): P {
  const { leaves, paths, structure } = flattenTree(params, isTensor);
  const mapped: unknown = unflattenTree(
    structure,
    leaves.map((leaf, i) => fn(leaf as HostTensor, paths[i] as string)),
  );
  return mapped as P;
}

/** A tree with the nesting of `like` and the tensors of a flat record, by path. Throws E_PARAMETERS when one is missing. */
export function unnameTensors<P>(where: string, like: P, named: Named<Tensor>): P {
  const { paths, structure } = flattenTree(like, isTensor);
  const tree: unknown = unflattenTree(
    structure,
    paths.map((path) => {
      const tensor = named[path];
      if (tensor === undefined) {
        throw new LotteryError("E_PARAMETERS", `${where}: there is no tensor ${path}`, { tensor: path });
      }
      return tensor;
    }),
  );
  return tree as P;
}

/** Names in an order that does not depend on how the record was written: by code unit. */
export function sortedNames(record: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(record).sort();
}

/** The elements of a float32 or float64 tensor in row-major order. Throws E_PARAMETERS for other dtypes. */
export function floatData(where: string, name: string, tensor: HostTensor): Float32Array | Float64Array {
  if (tensor.dtype !== "float32" && tensor.dtype !== "float64") {
    const message = `${where}: ${name} must be float32 or float64, got ${tensor.dtype}`;
    throw new LotteryError("E_PARAMETERS", message, { tensor: name });
  }
  return tensor.dataSync() as Float32Array | Float64Array;
}
