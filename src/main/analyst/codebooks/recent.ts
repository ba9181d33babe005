/** A cache of the most recently used values, by key. */
export class Recent<T> {
  readonly #most: number;
  readonly #known = new Map<string, T>();
  readonly #onDrop: ((value: T) => void) | undefined;

  constructor(most: number, onDrop?: (value: T) => void) {
    this.#most = most;
    this.#onDrop = onDrop;
  }

  /** The value of a key, made where it is not known. */
  get(key: string, make: () => T): T {
    const known = this.#known.has(key) ? (this.#known.get(key) as T) : make();
    this.set(key, known);
    return known;
  }

  peek(key: string): T | undefined {
    return this.#known.get(key);
  }

  set(key: string, value: T): void {
    this.#known.delete(key);
    this.#known.set(key, value);
    for (const [oldest, dropped] of this.#known) {
      if (this.#known.size <= this.#most) return;
      this.#known.delete(oldest);
      this.#onDrop?.(dropped);
    }
  }

  delete(key: string): void {
    this.#known.delete(key);
  }
}

/** The same for work that may fail: failures are not cached. */
export class RecentWork<T> {
  readonly #known: Recent<Promise<T>>;

  constructor(most: number, onDrop?: (value: T) => void) {
    this.#known = new Recent(most, (dropped) => void dropped.then(onDrop, () => {}));
  }

  get(key: string, work: () => Promise<T>): Promise<T> {
    return this.#known.get(key, () => {
      const started = work();
      started.catch(() => this.#known.delete(key));
      return started;
    });
  }
}
