/** Durations, token amounts and money as people write and read them. Parsing is total: what cannot be read is null. */

/** A run's id, `<loop>-<number>`. */
export type RunId = string & { readonly brand: 'RunId' };
/** One agent process of a run: `<pass>-<role>` or, from the second of that pass on, `<pass>-<role>.<n>`. Also its folder's name. */
export type AgentId = string & { readonly brand: 'AgentId' };

const DURATION_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `90s`, `45m`, `2h`, `1.5d` or `250ms` into milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) return null;
  return Math.round(Number(match[1]) * DURATION_MS[match[2] as keyof typeof DURATION_MS]);
}

/** Reads `400k`, `1.5M` or `25000` into a whole number of tokens; null when it is none of these. */
export function parseTokens(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kKmM]?)$/.exec(text.trim().replaceAll('_', ''));
  if (!match) return null;
  const unit = match[2]?.toLowerCase();
  const amount = Number(match[1]) * (unit === 'k' ? 1000 : unit === 'm' ? 1_000_000 : 1);
  return Number.isSafeInteger(Math.round(amount)) ? Math.round(amount) : null;
}

/** Reads `6`, `6.50` or `$6.50` into USD; null when it is none of these. */
export function parseUsd(text: string): number | null {
  const match = /^\$?(\d+(?:\.\d+)?)$/.exec(text.trim());
  return match ? Number(match[1]) : null;
}

/** Milliseconds as the largest one or two units: `850ms`, `4s`, `18m`, `1h05`, `3d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${String(minutes % 60).padStart(2, '0')}`;
  return `${Math.floor(hours / 24)}d${hours % 24}h`;
}

/** Tokens in at most four characters and a unit: `940`, `3.2k`, `212k`, `1.5M`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(Math.round(tokens));
  if (tokens < 9950) return `${trimZero((tokens / 1000).toFixed(1))}k`;
  if (tokens < 999_500) return `${Math.round(tokens / 1000)}k`;
  if (tokens < 9_950_000) return `${trimZero((tokens / 1_000_000).toFixed(1))}M`;
  return `${Math.round(tokens / 1_000_000)}M`;
}

/** USD with two decimals, or with as many as show a figure below one cent: `$1.84`, `$0.0021`. */
export function formatUsd(usd: number): string {
  if (usd === 0 || usd >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toPrecision(2)}`;
}

const trimZero = (text: string) => text.replace(/\.0$/, '');
