import { PatchInferError } from "../base/errors.ts";

/** The part of WebAssembly that is used; where there is none, neither is its type. */
interface WebAssemblyApi {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

/** A memory that is never made larger. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const pageBytes = 65_536;

/** Modules without a memory, by name: made once, because they are the same for all. */
const compiled = new Map<string, object>();

function api(): WebAssemblyApi | undefined {
  return (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
}

function needed(): WebAssemblyApi {
  const found = api();
  if (found === undefined) throw new PatchInferError("OPTION", "there is no WebAssembly here");
  return found;
}

/** A module in base64, compiled. `undefined` where WebAssembly or its SIMD instructions are missing. */
export function compile(name: string, base64: string): object | undefined {
  const wasm = api();
  if (wasm === undefined) return undefined;
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const code = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (!wasm.validate(code)) return undefined;
  const module = new wasm.Module(code);
  compiled.set(name, module);
  return module;
}

/** @throws PatchInferError `OPTION` where WebAssembly with SIMD is missing. */
export function compiledModule(name: string, base64: string): object {
  const module = compile(name, base64);
  if (module === undefined) throw new PatchInferError("OPTION", "there is no WebAssembly with SIMD here");
  return module;
}

/** @throws PatchInferError `OPTION` for more bytes than a memory can have (4 GiB), or than there are. */
export function newMemory(bytes: number): WasmMemory {
  const { Memory } = needed();
  try {
    return new Memory({ initial: Math.ceil(bytes / pageBytes) });
  } catch (cause) {
    throw new PatchInferError("OPTION", `there is no memory of ${bytes} bytes for weights and arena`, { cause });
  }
}

export function newInstance<Exports>(module: object, memory: WasmMemory): Exports {
  return new (needed().Instance)(module, { env: { memory } }).exports as Exports;
}
