/** Whole numbers as text that a page holds: seven bits a byte, least first (LEB128), in base64. */

/** Numbers from 0 to 2³¹ − 1; small ones take a byte. */
export function pack(values: ArrayLike<number>): string {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; at++) {
    let left = values[at];
    for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128);
    bytes.push(left);
  }
  // Of all at once there would be too many arguments.
  const text = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, at) =>
    String.fromCharCode(...bytes.slice(at * CHUNK, (at + 1) * CHUNK)),
  );
  return btoa(text.join(''));
}

const CHUNK = 8192;

export function unpack(text: string): Int32Array {
  const bytes = atob(text);
  const values = new Int32Array(bytes.length);
  let [count, shift] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    values[count] |= (byte & 127) << shift;
    shift = byte > 127 ? shift + 7 : 0;
    if (shift === 0) count++;
  }
  return values.slice(0, count);
}
