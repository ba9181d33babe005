/**
 * Seeded randomness as data. Every stream is a function of (seed, step, name) alone, so a resumed run
 * draws what an uninterrupted one would have drawn. Generator: xoshiro128** (Blackman and Vigna 2018),
 * seeded by four salted hashes of the three.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, step = 0, stream = '') {
    const high = Math.floor(seed / 2 ** 32);
    // Four hashes with salts of their own: streams coincide only where all 128 bits do.
    const lane = (salt: number) => mix(mix(mix(mix(seed ^ salt) ^ high) ^ step) ^ hashText(stream, salt));
    this.#a = lane(0x9e3779b9);
    this.#b = lane(0x3c6ef372);
    this.#c = lane(0xdaa66d2b);
    this.#d = lane(0x78dde6e4) | 1;
  }

  /** Uniform 32-bit word. */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** Uniform integer in [0, n), unbiased (by rejection); n a whole number from 1 to 2^32, else RangeError. */
  below(n: number): number {
    if (!(n >= 1 && n <= 2 ** 32 && Number.isInteger(n))) throw new RangeError(`no whole number below ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** 0 .. n - 1 in random order. */
  order(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }

  /** In-place Fisher-Yates shuffle. */
  shuffle<T extends { length: number; [index: number]: number }>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }

  /** Fills with uniform integers of [low, high): the values that repeated calls of `below` would give. */
  fillIntegers(target: Int32Array, low: number, high: number): void {
    const n = high - low;
    if (target.length > 0) target[0] = low + this.below(n);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    // The generator is written out here, as in fillMask; a division is several times faster than % on such words.
    for (let i = 1; i < target.length; ) {
      const product = Math.imul(b, 5);
      const word = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
      if (word < limit) target[i++] = low + word - Math.floor(word / n) * n;
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  /** Fills with odd numbers from 2^25 to 2^26, all as likely: what `maskOf` multiplies. */
  fillWords(target: Int32Array): void {
    for (let i = 0; i < target.length; i++) target[i] = (this.uint32() >>> 7) | 0x2000001;
  }

  /**
   * Fills with 0 (dropped) and 1 (kept), each dropped with the given probability, which is rounded to a
   * multiple of 2^-16: two values come from each 32-bit word.
   */
  fillMask(target: Uint8Array, rate: number): void {
    const threshold = Math.round(rate * 0x10000);
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    // The generator is written out here: this loop draws millions of values a step.
    for (let i = 0; i < target.length; i += 2) {
      const product = Math.imul(b, 5);
      const word = Math.imul((product << 7) | (product >>> 25), 9);
      target[i] = (((word & 0xffff) - threshold) >>> 31) ^ 1;
      target[i + 1] = (((word >>> 16) - threshold) >>> 31) ^ 1;
      const t = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = (d << 11) | (d >>> 21);
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

/** Finaliser of splitmix32 / MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** FNV-1a from a salted start. */
function hashText(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}
