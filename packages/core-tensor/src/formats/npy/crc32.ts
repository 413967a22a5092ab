/**
 * The checksum of zip archives: CRC-32 with the polynomial 0xEDB88320 (reflected), as in APPNOTE.TXT 4.4.7 and
 * ISO 3309. A whole number from 0 to 2^32 - 1.
 */
export function crc32(bytes: Uint8Array): number {
  const slices = tables();
  const [t0, t1, t2, t3] = [
    slices.subarray(0, 256),
    slices.subarray(256, 512),
    slices.subarray(512, 768),
    slices.subarray(768),
  ];
  let crc = -1;
  let at = 0;
  // Four bytes at a time (Kounavis and Berry, "Novel table lookup-based algorithms for high-performance CRC generation").
  for (const last = bytes.length - 3; at < last; at += 4) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t3[crc & 255] as number) ^
      (t2[(crc >>> 8) & 255] as number) ^
      (t1[(crc >>> 16) & 255] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}

/** What a byte adds to the checksum when 0, 1, 2 or 3 bytes follow it. */
function tables(): Int32Array {
  const result = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    result[byte] = crc;
  }
  for (let i = 256; i < result.length; i++) {
    const before = result[i - 256] as number;
    result[i] = (before >>> 8) ^ (result[before & 255] as number);
  }
  return result;
}
