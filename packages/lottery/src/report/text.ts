/** A share in percent: three digits, as densities are written, but never more than two decimals. */
export function percent(share: number): string {
  const value = 100 * share;
  const decimals = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)}%`;
}

/** A whole number with thin spaces between thousands. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
