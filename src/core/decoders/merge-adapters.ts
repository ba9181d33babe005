import { type Adapters, type DecoderConfig, decoderParameters } from './decoder.ts';

/** A checkpoint with its adapters worked into the matrices; values by parameter name. */
export function mergeAdapters(
  config: DecoderConfig,
  { rank, alpha }: Omit<Adapters, 'targets'>,
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  const whole = decoderParameters(config);
  const merged: Record<string, Float32Array> = {};
  for (const [name, { shape }] of Object.entries(whole)) {
    merged[name] = values[name].slice();
    const matrix = name.replace(/\/weight$/, '');
    const [a, b] = [values[`${matrix}/adapter/a`], values[`${matrix}/adapter/b`]];
    if (a) addProduct(merged[name], a, b, { inner: shape[0], rank, outer: shape[1], scale: alpha });
  }
  return merged;
}

/** matrix [inner, outer] += scale / rank * a [inner, rank] b [rank, outer] */
function addProduct(
  matrix: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { inner, rank, outer, scale }: { inner: number; rank: number; outer: number; scale: number },
): void {
  for (let i = 0; i < inner; i++) {
    for (let k = 0; k < rank; k++) {
      const factor = (a[i * rank + k] * scale) / rank;
      for (let j = 0; j < outer; j++) matrix[i * outer + j] += factor * b[k * outer + j];
    }
  }
}
