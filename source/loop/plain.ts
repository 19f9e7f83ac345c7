/** One plain line per change, for logs, pipes and screen readers: what a fleet did, said in the order a person asks. Not the journal. */
import { isRunEvent, type RunEvent, type Stamped } from './event.ts';
import { outcomeWords } from './fanout/words.ts';
import { followedWords } from './fold/followed.ts';
import { bestWords } from './keep-best.ts';
import { describeBranch, describeLanding } from './landing/words.ts';
import { landedWords } from './run-status.ts';
import type { End, FleetState, GateResult, Hold, RunState } from './state.ts';
import { statusWord } from './status-word.ts';
import { sanitize } from './text.ts';
import { fresh } from './tokens.ts';
import { foundWords } from './triage/words.ts';
import { formatDuration, formatTokens, formatUsd } from './units.ts';

/** Longest line in characters, the time included: an agent's error can be megabytes. */
const LONGEST = 300;

/**
 * The change that `stamped` made of `before` into `after`, e.g. `14:03:07 ci-fix-12 pass 3 red: unit exit 1 (…); 212k/600k $1.84`;
 * null when it is nothing a person waits for. Local time. Safe to print: agent text is sanitised.
 */
export function describe(before: FleetState, after: FleetState, stamped: Stamped): string | null {
  const { event } = stamped;
  const said = isRunEvent(event)
    ? describeRun(before.runs[event.run], after.runs[event.run], event)
    : describeFleet(event);
  if (said === null) return null;
  const line = `${clock(stamped.at)} ${sanitize(said.replace(/[\r\n]+/g, ' '))}`;
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** `14:03:07`, local time of `at` (ms since 1970). */
export function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

/** `2026-11-23 14:03`, local time of `at` (ms since 1970). */
function date(at: number): string {
  const local = new Date(at);
  const day = [local.getFullYear(), local.getMonth() + 1, local.getDate()].map((n) => String(n).padStart(2, '0'));
  return `${day.join('-')} ${clock(at).slice(0, 5)}`;
}

function describeFleet(event: Exclude<Stamped['event'], RunEvent>): string | null {
  switch (event.type) {
    case 'supervisor-started':
      return `supervisor ${event.version} started for ${event.name}, pid ${event.pid}`;
    case 'supervisor-closing':
      return 'supervisor is going down';
    case 'loop-read':
      if (event.problems.length > 0) return `loop ${event.name} cannot run: ${event.problems[0]}`;
      return event.trusted ? null : `loop ${event.name} is not trusted yet: looptop trust`;
    case 'rule-added':
      return `rule ${event.id} added: ${event.text}`;
    case 'rule-bumped':
      return `rule ${event.id} was taught again`;
    case 'rule-retired':
      return `rule ${event.id} retired`;
    case 'hook-called':
      return event.failed === null ? null : `the hook for ${event.happening} failed: ${event.failed}`;
    case 'disk-full':
      return `the disk is full, runs are paused: ${event.detail}`;
    case 'disk-freed':
      return 'the disk has room again';
    case 'fleet-warned':
      return `${Math.round(event.share * 100)}% is used: ${event.words}`;
    case 'fired':
      return `${event.loop} is set off (${event.trigger})${event.missed ? ', for all it has missed' : ''}`;
    case 'skipped':
      return `${event.loop} is not started (${event.trigger}): ${event.why}`;
    case 'renewed':
      return `${event.loop} is renewed by ${event.by}`;
    case 'expired-soon':
      return `${event.loop} expires on ${date(event.at)}: looptop renew ${event.loop}`;
    case 'expired':
      return `${event.loop} has expired and fires no more: looptop renew ${event.loop}`;
    case 'troubled':
      return event.why === null
        ? `${event.loop} hears its events again`
        : `${event.loop} hears no events: ${event.why}`;
    case 'skip-checked':
      return null;
    case 'clock-jumped':
      return `the clock jumped by ${formatDuration(Math.abs(event.jumpMs))}`;
    case 'discovered':
      return `${event.loop}: ${foundWords(event)}`;
    case 'discovery-failed':
      return `${event.loop} cannot look for work: ${event.why}`;
    case 'hit-promoted':
      return `hit ${event.hit} is promoted to ${event.to} by ${event.by}`;
    case 'hit-reported':
      return `${event.from} came across something, ${event.ranking.priority}: ${event.ranking.reason}`;
    case 'hit-dismissed':
      return `hit ${event.hit} is dismissed by ${event.by}`;
    case 'hunks-read':
      return `${event.hunks.length} ${event.hunks.length === 1 ? 'hunk' : 'hunks'} of ${event.of} read by ${event.by}`;
    case 'reading-noted':
    case 'reading-recalled':
    case 'standing-measured':
      return null;
    case 'hit-expired':
      return `hit ${event.hit} has expired`;
    case 'branch-dropped':
      return describeBranch(event);
    case 'fanned-out':
      return `${event.fan}: ${event.loop} fans out over ${event.items.length} items`;
    case 'fan-item-failed':
      return `${event.fan} cannot begin ${event.key}: ${event.why}`;
    case 'fan-piloted':
      return `${event.fan} waits: its pilot is done, and looptop release ${event.fan} lets the others begin`;
    case 'fan-released':
      return `${event.fan} is released by ${event.by}`;
    case 'fan-stopped':
      return `${event.fan} is stopped: ${event.why}`;
    case 'fan-budget-raised': {
      const { tokens, usd, wallMs, passes } = event.budget;
      return `budget of ${event.fan} now ${formatTokens(tokens)} tokens, ${formatUsd(usd)}, ${formatDuration(wallMs)}, ${passes} passes`;
    }
    case 'fan-ended':
      return `${event.fan} has ended: ${outcomeWords(event)}`;
    case 'day-began':
    case 'settings-read':
    case 'wire-opened':
    case 'loop-gone':
    case 'rules-read':
    case 'prices-read':
      return null;
  }
}

function describeRun(before: RunState | undefined, after: RunState | undefined, event: RunEvent): string | null {
  if (after === undefined) return null;
  const said = what(before, after, event) ?? moved(before, after);
  return said === null ? null : `${after.id} ${said}`;
}

function what(before: RunState | undefined, run: RunState, event: RunEvent): string | null {
  switch (event.type) {
    case 'run-queued':
      return `queued by ${event.by}`;
    case 'agent-planned':
      return `pass ${run.pass} ${event.role}: ${event.engine} ${event.model}`;
    case 'agent-frozen':
      return `frozen, ${event.processes} ${event.processes === 1 ? 'process' : 'processes'}`;
    case 'agent-thawed':
      return 'goes on';
    case 'agent-ended':
      return event.survivors > 0 ? `agent ended, but ${event.survivors} of its processes still live` : null;
    case 'agent-unstartable':
      return `agent cannot start (${event.why}): ${event.detail}`;
    case 'gate-ended':
      if (event.status === 'green') return event.by === undefined ? null : `${event.gate} ${event.summary}`;
      return `pass ${event.pass} red: ${redGate(event.gate, event)}; ${spent(run)}`;
    case 'best-kept':
      return event.commit === null
        ? `${bestWords(event)} could not be brought back: ${event.detail}`
        : `has ${bestWords(event)}, on ${run.branch}: ${event.commit.slice(0, 7)}`;
    case 'followed':
      return followedWords(event);
    case 'committed':
      return `committed ${event.commit.slice(0, 7)}, ${event.files} ${event.files === 1 ? 'file' : 'files'} +${event.added} -${event.removed}`;
    case 'budget-warned':
      return `${Math.round(event.share * 100)}% of its ${event.cap}: ${spent(run)}`;
    case 'paused':
      return `paused (${event.why})${event.detail === '' ? '' : `: ${event.detail}`}; ${spent(run)}`;
    case 'reflection-skipped':
      return null;
    case 'wrapped-up':
      return `wraps up: ${event.detail}; ${spent(run)}`;
    case 'parked':
      return `waits for the provider: ${event.detail}`;
    case 'unparked':
      return 'goes on, the provider may answer again';
    case 'nudged':
      return `nudged (${event.rule}): ${event.text}`;
    case 'suspected':
      return `may be stuck: ${event.words}`;
    case 'pass-cut':
      return `pass ${run.pass} is ended: ${event.words}; ${spent(run)}`;
    case 'climbed':
      return `goes on with ${event.maker.engine} ${event.maker.model}: ${event.because}`;
    case 'run-failed':
      return `failed (${event.why}): ${event.detail}`;
    case 'draft-made':
      return `drafted a rule: ${event.draft.text}`;
    case 'question-asked':
      return null;
    case 'question-closed':
      return `goes on without an answer: ${event.because}`;
    case 'draft-dropped':
      return 'draft of a rule dropped';
    case 'kill-confirmed':
      return event.survivors === 0
        ? `killed, ${event.processes} processes gone after ${formatDuration(event.ms)}`
        : `kill left ${event.survivors} of ${event.processes} processes alive`;
    case 'kill-asked':
      return `kill asked by ${event.by}`;
    case 'stop-asked':
      return `stop asked by ${event.by}`;
    case 'freeze-asked':
      return `freeze asked by ${event.by}`;
    case 'drain-asked':
      return `drains: ends after this pass, asked by ${event.by}`;
    case 'escalated':
      return `escalated to ${event.maker.engine} ${event.maker.model} by ${event.by}`;
    case 'note-given':
      return `note from ${event.by}: ${event.text}`;
    case 'budget-raised': {
      const { tokens, usd, wallMs, passes } = event.budget;
      return `budget now ${formatTokens(tokens)} tokens, ${formatUsd(usd)}, ${formatDuration(wallMs)}, ${passes} passes`;
    }
    case 'run-ended':
      return `${endWords(event.end)}; ${spent(run)}`;
    case 'agent-read':
      return asked(before, run);
    case 'resume-asked':
      return run.agent?.fact.is === 'frozen' ? null : `resumed by ${event.by}`;
    case 'pushed':
    case 'land-asked':
    case 'land-withdrawn':
    case 'land-refused':
    case 'land-merged':
    case 'land-conflicted':
    case 'land-gate-started':
    case 'land-gate-ended':
    case 'land-stale':
    case 'land-returned':
    case 'sent-back':
      return describeLanding(event);
    case 'prepare-started':
    case 'prepared':
    case 'agent-started':
    case 'gate-started':
    case 'torn-down':
    case 'note-written':
    case 'wire-sent':
    case 'wire-read':
      return null;
  }
}

/** A change of state that no event names by itself: the fold drew it as a conclusion. */
function moved(before: RunState | undefined, after: RunState): string | null {
  if (before === undefined) return null;
  const now = statusWord(after);
  if (now.word === statusWord(before).word) return null;
  if (after.status.tag === 'ended' && after.status.end.kind === 'triaged')
    return `${endWords(after.status.end)}; ${spent(after)}`;
  if (now.standing === 'green') return `${now.word}: every required gate passed; ${spent(after)}`;
  return now.standing === 'need' || now.standing === 'bad' ? `${now.word}; ${spent(after)}` : null;
}

function asked(before: RunState | undefined, run: RunState): string | null {
  const question = waitingFor(run.status.tag === 'open' ? run.status.hold : null);
  if (question === null) return null;
  const already = before?.status.tag === 'open' ? waitingFor(before.status.hold) : null;
  return already === question ? null : `asks: ${question}`;
}

const waitingFor = (hold: Hold | null) => (hold?.kind === 'waiting' ? hold.question : null);

/** `unit exit 1 (expected 3 calls, saw 2)`. */
function redGate(id: string, gate: Pick<GateResult, 'status' | 'exit' | 'summary'>): string {
  const how = gate.status === 'red' && gate.exit !== null ? `exit ${gate.exit}` : gate.status;
  return gate.summary === '' ? `${id} ${how}` : `${id} ${how} (${gate.summary})`;
}

function endWords(end: End): string {
  switch (end.kind) {
    case 'landed':
      return `landed ${landedWords(end)}`.trim();
    case 'triaged':
      return `triaged: ${end.detail}`;
    case 'discarded':
      return `discarded by ${end.by}`;
    case 'exhausted':
      return `exhausted: ${end.detail}`;
    case 'failed':
      return `failed (${end.why}): ${end.detail}`;
    case 'killed':
      return `killed by ${end.by}`;
    case 'lost':
      return `lost: ${end.detail}`;
  }
}

/** `212k/600k $1.84`: what it cost so far, the limit beside it. */
function spent(run: RunState): string {
  const { total } = run.meter;
  const usd = total.unpriced ? 'unpriced' : formatUsd(total.usd);
  return `${formatTokens(fresh(total.tokens))}/${formatTokens(run.budget.tokens)} ${usd}`;
}
