/** Under which names a model's price may be found. Only what is sure to be the same model: a similar name is another model. */

/** How a multi-provider engine writes the vendors of our own table: `anthropic/claude-haiku-5-5`. */
const VENDORS: Readonly<Record<string, RegExp>> = {
  anthropic: /^claude-/,
  openai: /^gpt-/,
  google: /^gemini-/,
  xai: /^grok-/,
  'x-ai': /^grok-/,
};

/** The day of a release: `-20250929`, `@20250929` as on Vertex, `-2026-09-29` as OpenAI writes it. */
const DATE = /(?:[-@]20\d{6}|-20\d{2}-\d{2}-\d{2})$/;

/** The id without a context mark (`…[1m]`) and without its date. */
export const undated = (model: string): string => unmarked(model).replace(DATE, '');

/** As written, without its context mark, and without its date; the most exact first. */
export const namesOf = (model: string): readonly string[] => [
  ...new Set([model, unmarked(model), undated(model)].flatMap((name) => [name, vendorless(name)])),
];

/** `provider/model` in two; no provider when there is none. */
export function splitProvider(model: string): { readonly provider: string | null; readonly name: string } {
  const at = model.indexOf('/');
  return at === -1
    ? { provider: null, name: model }
    : { provider: model.slice(0, at).toLowerCase(), name: model.slice(at + 1) };
}

/** The id without a context mark. */
export const unmarked = (model: string): string => model.replace(/\[[^\]]*\]$/, '');

/** A reseller's `somebody/gpt-6-sol` may cost anything; the vendor's own costs what it costs. */
function vendorless(model: string): string {
  const { provider, name } = splitProvider(model);
  const own = provider === null || !Object.hasOwn(VENDORS, provider) ? undefined : VENDORS[provider];
  return own?.test(name) ? name : model;
}
