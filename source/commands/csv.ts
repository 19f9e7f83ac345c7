/** A table as RFC 4180 has it: CRLF between records, a header first, quotes only where they are needed. */

export type Field = string | number | boolean | null;

/** Header and records, each ended by CRLF. Null is an empty field. */
export const csv = (header: readonly string[], records: readonly (readonly Field[])[]): string =>
  [header, ...records].map((record) => `${record.map(field).join(',')}\r\n`).join('');

/** A spreadsheet runs a text that begins like a formula, and names of models are what an agent says: it gets an apostrophe in front. */
function field(value: Field): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
