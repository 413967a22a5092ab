/**
 * The members of onnxruntime's modules (`onnxruntime-node`, `onnxruntime-web`) that the backend uses: any module
 * of this shape can be handed in.
 */
export interface OrtModule {
  readonly Tensor: new (type: "float32", data: Float32Array, dims?: readonly number[]) => OrtValue;
  readonly InferenceSession: { create(model: Uint8Array, options?: object): Promise<OrtSession> };
  /** Which of the packages it is: `versions` has a `node` or a `web`. */
  readonly env?: { readonly versions?: object };
}

/** A tensor of onnxruntime. */
export interface OrtValue {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** A loaded model. */
export interface OrtSession {
  run(feeds: Readonly<Record<string, never>>): Promise<Readonly<Record<string, unknown>>>;
  release(): Promise<void>;
}

/** As `OrtModule.Tensor`, for the element types that we use. */
export type OrtTensorConstructor = new (type: string, data: ArrayBufferView, dims: readonly number[]) => OrtValue;

/**
 * The module to compute with: the one that was handed in, else `onnxruntime-node`.
 *
 * @throws Error in one sentence when that package is not installed or does not load here.
 */
export async function loadOrt(injected: OrtModule | undefined, name = "onnxruntime-node"): Promise<OrtModule> {
  if (injected !== undefined) return injected;
  try {
    // The name is a variable so that bundlers for the browser do not follow an optional package.
    const loaded = (await import(/* @vite-ignore */ name)) as OrtModule & { default?: OrtModule };
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new Error(
      `onnxruntime: the package "${name}" is missing or does not load here; install it beside core-tensor (npm install ${name}; ` +
        "Node >= 20.19 on Linux x64/arm64, Windows or macOS), or hand in a module: onnxruntime({ ort }), for example onnxruntime-web",
      { cause },
    );
  }
}
