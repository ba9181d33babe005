/** The distinct rows of a step: each row id gets the next free slot, found again by hashing (open addressing). */
export class RowSlots {
  #keys = new Int32Array(64).fill(-1);
  #values = new Int32Array(64);
  #ids = new Int32Array(32);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Row id of each slot. */
  get ids(): Int32Array {
    return this.#ids.subarray(0, this.#count);
  }

  /** The slot of a row, a new one where it has none yet. */
  slotOf(id: number): number {
    const mask = this.#keys.length - 1;
    let place = spread(id) & mask;
    for (;;) {
      const key = this.#keys[place];
      if (key === id) return this.#values[place];
      if (key === -1) break;
      place = (place + 1) & mask;
    }
    if (this.#count === this.#ids.length) {
      this.#grow();
      return this.slotOf(id);
    }
    this.#keys[place] = id;
    this.#values[place] = this.#count;
    this.#ids[this.#count] = id;
    return this.#count++;
  }

  clear(): void {
    this.#keys.fill(-1);
    this.#count = 0;
  }

  #grow(): void {
    const old = this.ids.slice();
    this.#keys = new Int32Array(this.#keys.length * 2).fill(-1);
    this.#values = new Int32Array(this.#keys.length);
    this.#ids = new Int32Array(this.#keys.length / 2);
    this.#count = 0;
    for (const id of old) this.slotOf(id);
  }
}

function spread(id: number): number {
  const product = Math.imul(id, 0x9e3779b1);
  return product ^ (product >>> 15);
}
