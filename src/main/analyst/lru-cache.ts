/** A cache of the most recently used values, by key. */
export class LruCache<T> {
  readonly #size: number;
  readonly #entries = new Map<string, T>();
  readonly #onDrop: ((value: T) => void) | undefined;

  constructor(size: number, onDrop?: (value: T) => void) {
    this.#size = size;
    this.#onDrop = onDrop;
  }

  /** Returns the value of a key and computes it if it is not cached. */
  get(key: string, compute: () => T): T {
    const value = this.#entries.has(key) ? (this.#entries.get(key) as T) : compute();
    this.set(key, value);
    return value;
  }

  /** The cached value, if any. Does not count as a use. */
  peek(key: string): T | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    for (const [oldest, dropped] of this.#entries) {
      if (this.#entries.size <= this.#size) return;
      this.#entries.delete(oldest);
      this.#onDrop?.(dropped);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}

/** The same for asynchronous work that may fail: failures are not cached. */
export class AsyncLruCache<T> {
  readonly #entries: LruCache<Promise<T>>;

  constructor(size: number, onDrop?: (value: T) => void) {
    this.#entries = new LruCache(size, (dropped) => void dropped.then(onDrop, () => {}));
  }

  get(key: string, work: () => Promise<T>): Promise<T> {
    return this.#entries.get(key, () => {
      const started = work();
      started.catch(() => this.#entries.delete(key));
      return started;
    });
  }
}
