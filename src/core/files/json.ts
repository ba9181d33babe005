/** The value of a JSON text; null where it is none, which every schema of an object refuses. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
