/** The heartbeat as the rest of the program knows it, from what `on:` says. */
import { parseActive } from '../schedule/active.ts';
import { parseDuration } from '../units.ts';
import type { Heartbeat } from './definition.ts';
import type { FrontMatter } from './schema/front-matter.ts';

/** `/loop` of every vendor expires after 7 days: a loop that nobody remembers stops by itself. */
const EXPIRES_MS = 7 * 86_400_000;

/** Started by nobody but the operator. */
export const BY_HAND: Heartbeat = {
  everyMs: null,
  cron: null,
  timezone: null,
  active: null,
  watch: null,
  event: null,
  after: null,
  skipIf: null,
  cooldownMs: 0,
  jitterMs: 0,
  catchUp: 'one',
  expiresMs: EXPIRES_MS,
};

export function heartbeat(on: FrontMatter['on']): Heartbeat {
  if (typeof on === 'string')
    return on === 'manual' ? BY_HAND : { ...BY_HAND, everyMs: parseDuration(on.slice('every '.length)) };
  const { watch, event, after } = on;
  return {
    everyMs: on.every ?? null,
    cron: on.cron ?? null,
    timezone: on.timezone ?? null,
    active: on.active === undefined ? null : parseActive(on.active),
    watch: watch === undefined ? null : { paths: watch.paths, debounceMs: watch.debounce },
    event: event === undefined ? null : { run: event.run, match: event.match ?? null },
    after: after === undefined ? null : { loop: after.loop, outcome: after.outcome },
    skipIf: on['skip-if'] ?? null,
    cooldownMs: on.cooldown ?? 0,
    jitterMs: on.jitter ?? 0,
    catchUp: on['catch-up'],
    expiresMs: on.expires,
  };
}
