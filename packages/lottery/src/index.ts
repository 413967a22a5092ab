export * from "./base/index.ts";
export * from "./criteria/index.ts";
export * from "./mask/index.ts";
export * from "./sweep/index.ts";
export * from "./tickets/index.ts";
export * from "./train/index.ts";
