/** Changes one value of a JSON text and leaves every other byte of it as it is. The text must be JSON that was parsed before. */

/** `text` with `value` at the top-level `path`; the last key of the path is added where it is missing. Null where the way there is no object. */
export function withValue(
  text: string,
  path: readonly [string, ...string[]],
  value: string | number | boolean,
): string | null {
  const spelled = JSON.stringify(value);
  let at = blank(text, 0);
  for (const [depth, key] of path.entries()) {
    if (text[at] !== '{') return null;
    const found = placeOf(text, at, key);
    const last = depth === path.length - 1;
    if (found !== null && last) return text.slice(0, found.from) + spelled + text.slice(found.to);
    if (found === null) {
      const rest = path.slice(depth + 1).reduceRight((inner, name) => `{${JSON.stringify(name)}:${inner}}`, spelled);
      const comma = text[blank(text, at + 1)] === '}' ? '' : ',';
      return `${text.slice(0, at + 1)}${JSON.stringify(key)}:${rest}${comma}${text.slice(at + 1)}`;
    }
    at = found.from;
  }
  return null;
}

/** Where the value of `key` stands in the object at `at`; of a key that is written twice the last, as JSON.parse takes it. */
function placeOf(text: string, at: number, key: string): { readonly from: number; readonly to: number } | null {
  let found: { from: number; to: number } | null = null;
  let next = blank(text, at + 1);
  while (next < text.length && text[next] === '"') {
    const nameEnd = pastString(text, next);
    const name: unknown = JSON.parse(text.slice(next, nameEnd));
    const from = blank(text, blank(text, nameEnd) + 1);
    const to = pastValue(text, from);
    if (name === key) found = { from, to };
    next = blank(text, to);
    if (text[next] === ',') next = blank(text, next + 1);
  }
  return found;
}

function blank(text: string, at: number): number {
  let next = at;
  while (next < text.length && /[\s]/.test(text[next] ?? '')) next++;
  return next;
}

/** The place after the string that begins at `at`. */
function pastString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

function pastValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return pastString(text, at);
  if (first !== '{' && first !== '[') {
    let end = at;
    while (end < text.length && !/[\s,\]}]/.test(text[end] ?? '')) end++;
    return end;
  }
  let depth = 0;
  for (let next = at; next < text.length; ) {
    const byte = text[next];
    if (byte === '"') {
      next = pastString(text, next);
      continue;
    }
    if (byte === '{' || byte === '[') depth++;
    else if ((byte === '}' || byte === ']') && --depth === 0) return next + 1;
    next++;
  }
  return text.length;
}
