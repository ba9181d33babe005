/** Parameters of several graphs in one file beside them, as the external data of ONNX. */
import { OUTSIDE, type OutsideInitializer } from './onnx.ts';
import type { HostArray } from './types.ts';

/** Where a tensor begins: runtimes map the file, page by page. */
const PAGE = 4096;

export class WeightsFile {
  /** Its name, in the folder of the graphs. */
  readonly name: string;
  /** What it holds, one part after the other. */
  readonly parts: Uint8Array[] = [];
  readonly #offsets = new Map<string, number>();
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Stands for a parameter, which the file holds once however many graphs read it; by its name, it is the same in all. */
  initializer(
    { name, dims, dataType }: Pick<OutsideInitializer, 'name' | 'dims' | 'dataType'>,
    values: HostArray,
  ): OutsideInitializer {
    const at = this.#offsets.get(name) ?? this.#add(name, values);
    const facts = { location: this.name, offset: String(at), length: String(values.byteLength) };
    const externalData = Object.entries(facts).map(([key, value]) => ({
      key: key as keyof typeof facts,
      value,
    }));
    return { name, dims, dataType, dataLocation: OUTSIDE, externalData };
  }

  #add(name: string, { buffer, byteOffset, byteLength }: HostArray): number {
    const at = Math.ceil(this.#size / PAGE) * PAGE;
    if (at > this.#size) this.parts.push(new Uint8Array(at - this.#size));
    this.parts.push(new Uint8Array(buffer, byteOffset, byteLength));
    this.#size = at + byteLength;
    this.#offsets.set(name, at);
    return at;
  }
}
