/** The JSON that an agent was asked to end its answer with. Models wrap it, repeat it and talk around it; the last whole object counts. */

/** Characters from the end of an answer in which it is looked for. */
const LOOKED_AT = 32_000;
/** Opening braces that are tried, from the last one backwards; an object of an answer has a few dozen. */
const TRIED = 400;

/** The last JSON object of the text that no other object contains; null when there is none. */
export function lastObject(text: string): Readonly<Record<string, unknown>> | null {
  const end = text.slice(-LOOKED_AT);
  let found: Readonly<Record<string, unknown>> | null = null;
  let close = end.lastIndexOf('}');
  if (close === -1) return null;
  let open = end.lastIndexOf('{', close);
  for (let tries = 0; open !== -1 && tries < TRIED; tries++) {
    const value = parsed(end.slice(open, close + 1));
    // One further out may contain it; two side by side do not parse together, and then the last stands.
    if (value !== null) found = value;
    if (open === 0) break;
    open = end.lastIndexOf('{', open - 1);
    if (open === -1 && found === null) {
      close = end.lastIndexOf('}', close - 1);
      open = close === -1 ? -1 : end.lastIndexOf('{', close);
    }
  }
  return found;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
