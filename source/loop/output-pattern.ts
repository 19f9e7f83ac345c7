/** What a loop file says of a text: `/…/flags` must match it, any other text must stand in it, and an empty one must be all of it. */

/** Whether `text` is as `wanted` says; total for patterns that the schema let through. */
export function holds(wanted: string, text: string): boolean {
  if (wanted === '') return text.trim() === '';
  const [, source, flags] = /^\/(.+)\/([ims]*)$/.exec(wanted) ?? [];
  return source === undefined ? text.includes(wanted) : new RegExp(source, flags).test(text);
}
