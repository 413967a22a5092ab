// Generated from float.as by packages/patch-infer/scripts/buildKernels.ts. Do not edit.
// Source and options: SHA-256 0b5e6d0cdade2f8a3fb3b25d54b4ae869261ac8ce4ba826a9b6a5d0a2928bdf0

/** The compiled kernels (63 bytes of WebAssembly), in base64. */
export const floatModule: string =
  "AGFzbQEAAAABBQFgAX8AAg8BA2VudgZtZW1vcnkCAAADAgEABxMCBmNvbnYyZAAABm1lbW9yeQIACgQBAgAL";
