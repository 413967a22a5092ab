import { PatchInferError } from "../base/errors.ts";
import type { WasmFloatExports } from "./float/exports.ts";
import { floatModule } from "./float/floatModule.ts";
import type { WasmInt8Exports } from "./int8/exports.ts";
import { int8Module } from "./int8/int8Module.ts";
import type { LayerCall, Region } from "./kernels.ts";
import type { KernelMemory } from "./memory.ts";
import { compiledModule, newInstance, newMemory } from "./wasm.ts";

/** Words of a record that every call writes: the box, the output's region, and up to two input regions. */
export const callWords = 16;

/** Bytes behind the arena that all kernels may read (not write) and whose values they don't use. */
const leastGuardBytes = 256;

/**
 * The memory of the compiled kernels: constants, then scratch, then the arena, then a guard. Layers place their constants
 * while they are prepared; `start` makes the memory. Addresses (bytes from the start of the memory) are known at once.
 */
export class WasmMachine implements KernelMemory {
  codes: Int8Array = new Int8Array(0);
  floats: Float32Array = new Float32Array(0);
  words: Int32Array = new Int32Array(0);
  arenaStart = 0;
  /** Where the shared scratch begins: what was asked for with `scratch` by the layer that asked for most. */
  scratchStart = 0;
  #exports: { readonly float: WasmFloatExports; readonly int8: WasmInt8Exports } | undefined;
  readonly #placed: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** The first bytes belong to the modules. */
  #next = 1024;
  #scratchBytes = 0;
  #guardBytes = leastGuardBytes;

  /** Bytes of everything but the arena. */
  get constantBytes(): number {
    return this.#next + this.#scratchBytes + this.#guardBytes;
  }

  /** Room for a copy of an array, at a multiple of 16; returns its address. */
  place({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    const at = this.#next;
    this.#placed.push({ at, bytes: new Uint8Array(buffer, byteOffset, byteLength) });
    this.#next += aligned(byteLength);
    return at;
  }

  /**
   * A record: `callWords` words that `write` fills in before each call, then these. Returns its address.
   */
  record(words: readonly number[]): number {
    const all = new Int32Array(callWords + words.length);
    all.set(words, callWords);
    return this.place(all);
  }

  /** Asks for scratch that holds nothing between runs. */
  scratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, aligned(bytes));
  }

  /** Asks for readable bytes behind the arena, for kernels that read (and don't use) so many bytes behind a map's stored part. */
  guard(bytes: number): void {
    this.#guardBytes = Math.max(this.#guardBytes, aligned(leastGuardBytes + bytes));
  }

  /** Makes the memory and returns the arena. Nothing is placed after this. */
  start(arenaBytes: number): Uint8Array {
    this.scratchStart = this.#next;
    this.arenaStart = this.scratchStart + this.#scratchBytes;
    const memory = newMemory(this.arenaStart + aligned(arenaBytes) + this.#guardBytes);
    const bytes = new Uint8Array(memory.buffer);
    for (const { at, bytes: from } of this.#placed.splice(0)) bytes.set(from, at);
    this.codes = new Int8Array(memory.buffer);
    this.floats = new Float32Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.#exports = {
      float: newInstance<WasmFloatExports>(compiledModule("float", floatModule), memory),
      int8: newInstance<WasmInt8Exports>(compiledModule("int8", int8Module), memory),
    };
    return new Uint8Array(memory.buffer, this.arenaStart, arenaBytes);
  }

  /** Writes the call into a record; addresses become those of the memory. Inputs beyond the second are left to the caller. */
  write(record: number, call: LayerCall): void {
    const at = record >> 2;
    const words = this.words;
    words[at] = call.rowStart;
    words[at + 1] = call.rowEnd;
    words[at + 2] = call.columnStart;
    words[at + 3] = call.columnEnd;
    this.#writeRegion(at + 4, call.output);
    const { inputs } = call;
    if (inputs.length > 0) this.#writeRegion(at + 8, inputs[0] as Region);
    if (inputs.length > 1) this.#writeRegion(at + 12, inputs[1] as Region);
  }

  get float(): WasmFloatExports {
    return this.#started.float;
  }

  get int8(): WasmInt8Exports {
    return this.#started.int8;
  }

  #writeRegion(at: number, { address, top, left, rowCells }: Region): void {
    const words = this.words;
    words[at] = this.arenaStart + address;
    words[at + 1] = top;
    words[at + 2] = left;
    words[at + 3] = rowCells;
  }

  get #started(): { readonly float: WasmFloatExports; readonly int8: WasmInt8Exports } {
    if (this.#exports === undefined) throw new PatchInferError("OPTION", "the kernels' memory is not there yet");
    return this.#exports;
  }
}

/** The next multiple of 16. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
