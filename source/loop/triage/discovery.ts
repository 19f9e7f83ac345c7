/** From what a loop's `discover` printed to the runs that come of it. What was seen before and has not changed asks no model. */
import { type Answer, type Given, startRun } from '../answer.ts';
import type { Command, Refusal } from '../command.ts';
import type { Discovery, LoopDefinition } from '../definition/definition.ts';
import type { Event } from '../event.ts';
import { beginFan, busyWithFan, inOrder } from '../fanout/begin.ts';
import type { FleetState, Phase, SeenItem } from '../state.ts';
import { triaging } from './beside.ts';
import { type Candidate, candidateItem, candidatesOf } from './candidates.ts';
import { boundedItem, changeDigest, digest, keyOf, labelOf } from './item.ts';
import { foundWords } from './words.ts';

/** Items of one look that are looked at; a list that is longer wants a narrower command. */
const ITEMS_MOST = 2000;

export interface Found {
  readonly items: readonly (Candidate & { readonly hash: string })[];
  /** Lines that are no item: no JSON object, or without a key. */
  readonly unread: number;
}

/** Reads what the command printed: one JSON object a line, or one array of them, as `gh --json` prints. Of two with one key the last counts. */
export function readFound(text: string, discovery: Discovery): Found {
  const items = new Map<string, Found['items'][number]>();
  let unread = 0;
  for (const value of valuesIn(text)) {
    const named = value === null ? null : keyOf(value, discovery.key);
    const key = named === null ? null : labelOf(named);
    if (key === null || (items.size >= ITEMS_MOST && !items.has(key))) unread++;
    else items.set(key, { key, item: boundedItem(value), hash: changeDigest(value, discovery.changedBy) });
  }
  return { items: [...items.values()], unread };
}

/** Null for each that is no object. */
function valuesIn(text: string): readonly (object | null)[] {
  const whole = text.trimStart().startsWith('[') ? parsed(text) : null;
  if (Array.isArray(whole)) return whole.map(objectOf);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => objectOf(parsed(line)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const objectOf = (value: unknown): object | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;

/** The definition of a loop whose `discover` may be run now; null when it has none, or nothing of it may run. */
export function discovers(fleet: FleetState, name: string): (LoopDefinition & { discover: Discovery }) | null {
  const loop = Object.hasOwn(fleet.loops, name) ? fleet.loops[name] : undefined;
  const definition = loop?.trusted === true ? loop.definition : null;
  if (!definition?.enabled || definition.discover === null || fleet.closing || fleet.disk === 'full') return null;
  return { ...definition, discover: definition.discover };
}

/**
 * What a firing of the loop, by hand or by its heartbeat, makes of what was found: the runs that work on what is new, or none.
 * To be asked of the state in which it is recorded, so that two firings at once take nothing twice.
 */
export function startFound(
  fleet: FleetState,
  command: Extract<Command, { do: 'run' }>,
  found: Found,
  given: Given,
): Answer | Refusal {
  const definition = discovers(fleet, command.loop);
  if (definition === null) return startRun(fleet, command, given);
  const { discover } = definition;
  const busy = definition.fanOut === null ? null : busyWithFan(fleet, command.loop);
  if (busy !== null) return busy;
  const news = whatIsNew(fleet, command.loop, definition, found, given.now);
  const started =
    definition.fanOut === null
      ? startRuns(fleet, command, definition, news.taken, given)
      : news.taken.length === 0
        ? []
        : [beginFan(fleet, command, { discover, taken: news.taken }, given)];
  const refusal = started.find((each) => 'refused' in each);
  if (refusal !== undefined) return refusal;
  const discovered: Event = {
    type: 'discovered',
    loop: command.loop,
    found: found.items.length,
    fresh: news.taken.length,
    left: news.left,
    unread: found.unread,
    seen: (definition.fanOut?.remembers === false ? [] : [...news.taken, ...news.kept]).map(({ key, hash }) => ({
      key,
      hash,
    })),
  };
  const answers = started.flatMap((each) => ('refused' in each ? [] : [each]));
  const [fan] = answers.flatMap((each) => each.fan ?? []);
  const runs = answers.flatMap(({ run }) => run ?? []);
  const names = runs.length <= 5 ? runs.join(', ') : `${runs[0]} to ${runs.at(-1)}`;
  const text =
    fan !== undefined
      ? `${answers.map((each) => each.text).join(' ')} It was ${foundWords(discovered)}.`
      : runs.length === 0
        ? `No run: ${foundWords(discovered)}.`
        : `${names} ${runs.length === 1 ? 'is' : 'are'} queued: ${foundWords(discovered)}.`;
  const events = [discovered, ...answers.flatMap((each) => each.events)];
  return { events, text, run: runs[0] ?? null, ...(fan === undefined ? {} : { fan }) };
}

/** A run an item, or one for all of them where they are only ranked. */
function startRuns(
  fleet: FleetState,
  command: Extract<Command, { do: 'run' }>,
  { discover, leads, triage }: LoopDefinition & { discover: Discovery },
  taken: readonly Candidate[],
  given: Given,
): readonly (Answer | Refusal)[] {
  const items = leads === 'triage' || triage !== null ? one(taken) : taken.map(({ item }) => item);
  let after = fleet;
  return items.map((item, n) => {
    const random = digest(`${given.random} ${n}`, 32);
    const answer = startRun(after, { ...command, item }, { ...given, random }, discover.trust, triaging);
    after = { ...after, counters: { ...after.counters, [command.loop]: (after.counters[command.loop] ?? 0) + 1 } };
    return answer;
  });
}

const one = (taken: readonly Candidate[]) => (taken.length === 0 ? [] : [candidateItem(taken)]);

type Item = Found['items'][number];

interface News {
  /** New, within the limit. */
  readonly taken: readonly Item[];
  /** How many more are new. */
  readonly left: number;
  /** Known and unchanged, and about to be forgotten although they are listed. */
  readonly kept: readonly Item[];
}

function whatIsNew(
  fleet: FleetState,
  loop: string,
  { discover, fanOut }: LoopDefinition & { discover: Discovery },
  found: Found,
  now: number,
): News {
  const items = inOrder(found.items, fanOut?.order ?? 'listed');
  if (fanOut !== null && !fanOut.remembers) {
    // What is green and not landed is listed still, and done.
    const open = keysAtWork(fleet, loop, discover.key, () => true);
    const taken = items.filter(({ key }) => !open.has(key)).slice(0, discover.limit);
    return { taken, left: items.length - taken.length, kept: [] };
  }
  const state = Object.hasOwn(fleet.triage, loop) ? fleet.triage[loop] : undefined;
  const seen = new Map((state?.seen ?? []).map((each): [string, SeenItem] => [each.key, each]));
  const busy = keysAtWork(fleet, loop, discover.key, (phase) => phase !== 'review');
  const known = items.flatMap((item) => {
    const before = seen.get(item.key);
    return before && before.hash === item.hash && now - before.at < discover.forgetAfterMs ? [{ item, before }] : [];
  });
  const old = new Set(known.map(({ item }) => item.key));
  const fresh = items.filter(({ key }) => !old.has(key));
  const free = fresh.filter(({ key }) => !busy.has(key));
  const taken = free.slice(0, discover.limit);
  return {
    taken,
    left: fresh.length - taken.length,
    // Noted anew only now and then, so that a quiet look writes next to nothing.
    kept: known.filter(({ before }) => now - before.at > discover.forgetAfterMs / 4).map(({ item }) => item),
  };
}

/** Keys of what open runs of the loop, in the phases that count, work on: a second run of the same item would undo the first. */
function keysAtWork(fleet: FleetState, loop: string, key: string, counts: (phase: Phase) => boolean): Set<string> {
  const open = Object.values(fleet.runs).filter(
    (run) => run.loop === loop && run.status.tag === 'open' && counts(run.status.phase),
  );
  return new Set(
    open.flatMap(({ item }) => {
      const candidates = candidatesOf(item).map((each) => each.key);
      const own = keyOf(item, key);
      return own === null ? candidates : [...candidates, labelOf(own)];
    }),
  );
}
