/** Numbers of 16 bits, of which models keep billions: every one is computed once. */
const halves = Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

/** The number that 16 bits are in IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
export function halfFloat(bits: number): number {
  return halves[bits];
}

const word = new DataView(new ArrayBuffer(4));

/** The float32 whose upper half these bits are: bfloat16. */
export function upperHalf(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
