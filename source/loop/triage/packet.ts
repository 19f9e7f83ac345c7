/** What a promoted hit hands to the run that takes it: what was found, where, how the loop stood last, and what may be spent on it. Data, not orders. */
import type { FleetState, Hit } from '../state.ts';
import { fresh } from '../tokens.ts';
import { loopOf } from './hits.ts';
import { boundedItem, type Json } from './item.ts';

/** Links that a packet names. */
const LINKS = 10;

export function packetOf(fleet: FleetState, hit: Hit, to: string): Json {
  const green = Object.hasOwn(fleet.turnedGreen, to) ? fleet.turnedGreen[to] : undefined;
  const commit = green === undefined ? null : (fleet.runs[green.run]?.commit ?? null);
  return boundedPacket({
    key: hit.key,
    priority: hit.priority,
    confidence: hit.confidence,
    finding: hit.reason,
    evidence: hit.evidence,
    links: linksIn(hit),
    from: { loop: hit.loop, hit: hit.id, run: hit.run, key: hit.key },
    lastGood: { seenAt: hit.base, green: green === undefined ? null : { run: green.run, commit } },
    budgetLeft: budgetLeft(fleet, to),
    item: boundedItem(hit.item),
  });
}

/** The item is the only part that can be long, and is bounded already. */
const boundedPacket = ({ item, ...rest }: { readonly item: Json } & Record<string, unknown>): Json => {
  const short = boundedItem(rest);
  return typeof short === 'object' && short !== null && !Array.isArray(short) ? { ...short, item } : short;
};

/** Web addresses in what was found, each once. */
function linksIn({ evidence, reason, item }: Hit): readonly string[] {
  const text = `${evidence} ${reason} ${JSON.stringify(item)}`;
  const found = text.match(/https?:\/\/[\w.~:/?#@!$&'()*+,;=%-]{1,300}/g) ?? [];
  return [...new Set(found.map((link) => link.replace(/[.,;:'")]+$/, '')))].slice(0, LINKS);
}

/** The smallest of what one run, the loop's day and the fleet's day have left. */
function budgetLeft(fleet: FleetState, to: string): { readonly tokens: number; readonly usd: number } {
  const { daily, budget } = loopOf(fleet, to) ?? {};
  const day = fleet.days[fleet.today];
  const cells = (fleet.spending.days[fleet.today]?.cells ?? []).filter(({ loop }) => loop === to);
  const spentTokens = cells.reduce((sum, { spend }) => sum + fresh(spend.tokens), 0);
  const spentUsd = cells.reduce((sum, { spend }) => sum + spend.usd, 0);
  const least = (...amounts: readonly (number | null | undefined)[]): number =>
    Math.max(0, Math.min(...amounts.filter((amount) => amount != null)));
  return {
    tokens: least(
      budget?.tokens,
      daily?.tokens == null ? null : daily.tokens - spentTokens,
      fleet.settings.daily.tokens - (day === undefined ? 0 : fresh(day.tokens)),
    ),
    usd: least(
      budget?.usd,
      daily?.usd == null ? null : daily.usd - spentUsd,
      fleet.settings.daily.usd - (day?.usd ?? 0),
    ),
  };
}
