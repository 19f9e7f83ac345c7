/** Where requests really go: by the operator's configuration, else by the variables that the CLIs themselves read, else to the provider. */

/** The public address of each provider, and the variables in which people set another. */
const KNOWN: Readonly<Record<string, { readonly base: string; readonly variables: readonly string[] }>> = {
  anthropic: { base: 'https://api.anthropic.com', variables: ['ANTHROPIC_BASE_URL'] },
  openai: { base: 'https://api.openai.com/v1', variables: ['OPENAI_BASE_URL'] },
  // Where codex's login with ChatGPT leads.
  chatgpt: { base: 'https://chatgpt.com/backend-api/codex', variables: [] },
  google: { base: 'https://generativelanguage.googleapis.com', variables: ['GOOGLE_GEMINI_BASE_URL'] },
  xai: { base: 'https://api.x.ai/v1', variables: ['XAI_BASE_URL', 'XAI_API_BASE_URL', 'GROK_XAI_API_BASE_URL'] },
  // Where Grok Build's own login leads.
  grok: { base: 'https://cli-chat-proxy.grok.com/v1', variables: ['GROK_CLI_CHAT_PROXY_BASE_URL'] },
};

/** The base URL of an upstream; null for a name that nobody has configured. */
export function upstreamOf(
  name: string,
  configured: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): URL | null {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  const own = Object.hasOwn(configured, name) ? configured[name] : undefined;
  const said = known?.variables.map((variable) => env[variable]).find((value) => value !== undefined && value !== '');
  for (const base of [own, said, known?.base]) {
    if (base === undefined) continue;
    const url = URL.parse(base);
    if (url !== null && /^https?:$/.test(url.protocol)) return url;
  }
  return null;
}

/**
 * The upstream of a request that came for `name`. Codex calls OpenAI by one address, however it has logged in; with ChatGPT it names
 * the account beside a token that is nobody else's to see.
 */
export const meantFor = (name: string, headers: Readonly<Record<string, unknown>>): string =>
  name === 'openai' && headers['chatgpt-account-id'] !== undefined ? 'chatgpt' : name;
