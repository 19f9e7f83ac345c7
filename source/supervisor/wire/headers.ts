/** Which headers travel on. Keys do, unread; what belongs to one connection, or would hide the bill, does not. */

/** RFC 9110, 7.6.1; and those that we set ourselves. */
const OURS = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect host'.split(
    ' ',
  ),
);

type Raw = readonly string[];

/** Headers for the upstream, names as the client spelled them. `length` is that of the body; -1 for no body. */
export function toUpstream(raw: Raw, host: string, length: number, decoded: boolean): string[] {
  const dropped = new Set(['accept-encoding', 'content-length', ...(decoded ? ['content-encoding'] : [])]);
  return [
    'Host',
    host,
    ...travelling(raw, dropped),
    // A compressed stream comes in blocks, some of them late, and would have to be unpacked to be counted.
    'Accept-Encoding',
    'identity',
    ...(length < 0 ? [] : ['Content-Length', String(length)]),
  ];
}

/** Headers for the client. `changed`: the body will not be as long as the upstream says. */
export const toClient = (raw: Raw, changed: boolean): string[] =>
  travelling(raw, new Set(changed ? ['content-length'] : []));

function travelling(raw: Raw, dropped: ReadonlySet<string>): string[] {
  const named = new Set(valuesOf(raw, 'connection').flatMap((value) => value.toLowerCase().split(/\s*,\s*/)));
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    if (!OURS.has(name) && !named.has(name) && !dropped.has(name)) kept.push(raw[at] ?? '', raw[at + 1] ?? '');
  }
  return kept;
}

function valuesOf(raw: Raw, wanted: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() === wanted) values.push(raw[at + 1] ?? '');
  }
  return values;
}
