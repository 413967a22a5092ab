/** `prefix` as the beginning of C names: letters, digits and `_`, not a digit first; `net` if nothing is left. */
export function cPrefix(prefix: string): string {
  const plain = prefix
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/_+/g, "_")
    .replace(/^_|_$/g, "");
  if (plain === "") return "net";
  return /^[0-9]/.test(plain) ? `n${plain}` : plain;
}

/** A name from a model inside a C comment: characters that could end the comment, or the line, become `_`. */
export function commentText(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_.:+=, -]/g, "_");
  return plain.length > 80 ? `${plain.slice(0, 77)}...` : plain;
}
