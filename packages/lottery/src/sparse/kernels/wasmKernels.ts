import { kernelModule } from "./kernelModule.ts";
import type { Kernels } from "./kernels.ts";

type Exports = Pick<Kernels, "run" | "interleave" | "separate">;

/** The part of WebAssembly that is used; where there is none, neither is its type. */
interface WebAssemblyApi {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const pageBytes = 65_536;

/** The kernels without a memory: made once, because it is the same for all. */
let compiled: object | undefined;

/** The compiled kernels over a new memory of at least this many bytes; `undefined` where WebAssembly with SIMD is missing. */
export function wasmKernels(bytes: number): Kernels | undefined {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return undefined;
  if (compiled === undefined) {
    const code = Uint8Array.from(atob(kernelModule), (letter) => letter.charCodeAt(0));
    if (!api.validate(code)) return undefined;
    compiled = new api.Module(code);
  }
  const memory = new api.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const { exports } = new api.Instance(compiled, { env: { memory } });
  const { run, interleave, separate } = exports as Exports;
  return { engine: "wasm", memory: memory.buffer, run, interleave, separate };
}
