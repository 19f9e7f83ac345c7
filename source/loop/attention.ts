/** What of a run needs a person, and with which keys they can answer. Pure; the pane, `ls` and `status` show the same words. */
import { keptWords } from './keep-best.ts';
import { howWords, pushFailure, stepWords } from './landing/words.ts';
import { type Choice, choicesOf } from './question.ts';
import type { End, Hold, RunState } from './state.ts';
import { fresh } from './tokens.ts';
import { formatTokens, formatUsd } from './units.ts';

/** `act`: the run stands still until a person answers, so it rings. `look`: worth reading, nothing waits. */
export interface Attention {
  readonly level: 'act' | 'look';
  /** As agent or gate wrote it in parts: sanitise before drawing. */
  readonly words: string;
  /** The first is the one that answers. Labels are clean. */
  readonly keys: readonly { readonly key: string; readonly label: string }[];
  /** The same answer as a command line, for whoever has no pane before them. */
  readonly verb: string;
  /** When it began to need somebody, ms since 1970. */
  readonly since: number;
}

const key = (name: string, label: string) => ({ key: name, label });
const RAISE = key('+', 'raise');
const ESCALATE = key('e', 'escalate');
const END = key('x', 'end');
const NOTE = key('n', 'note');
const RESUME = key('p', 'resume');
const OPEN = key('enter', 'open');
const LAND = key('L', 'land');
const BACK = key('b', 'send back');
const DISCARD = key('D', 'discard');

/** What this run needs of a person; null when it can be left alone. */
export function attention(run: RunState): Attention | null {
  const { status } = run;
  if (status.tag === 'ended') return endedAttention(run, status.end, status.at);
  if (status.hold !== null) {
    const held = holdAttention(run, status.hold);
    if (held !== null) return held;
  }
  const draft = draftAttention(run);
  if (draft !== null) return draft;
  const { suspicion } = run.stuck;
  if (status.hold === null && suspicion !== null) {
    return {
      level: 'look',
      words: `may be stuck: ${suspicion.words}`,
      keys: [NOTE, ESCALATE, END],
      verb: `looptop note ${run.id} TEXT`,
      since: suspicion.since,
    };
  }
  if (status.hold === null && status.phase === 'review') {
    if (run.landing !== null)
      return {
        level: 'look',
        words: `lands, ${howWords(run.landing)}: ${stepWords(run.landing)}`,
        keys: [END],
        verb: `looptop stop ${run.id}`,
        since: run.landing.askedAt,
      };
    const unlanded = unlandedAttention(run);
    if (unlanded !== null) return unlanded;
    const where = run.commit === null ? run.branch : `${run.commit.slice(0, 7)} on ${run.branch}`;
    return {
      level: 'look',
      words: `green, ready to read: ${where}${flagWords(run)}${pushedWords(run)}`,
      keys: [OPEN, LAND, BACK, DISCARD],
      verb: `looptop diff ${run.id}`,
      since: run.lastEventAt,
    };
  }
  return null;
}

/** All for which this run stands still or waits, a draft behind a question too: what calls a person is each of them, once. */
export function needsOf(run: RunState): readonly Attention[] {
  if (run.status.tag === 'ended') return [];
  const held = run.status.hold === null ? null : holdAttention(run, run.status.hold);
  return [held, draftAttention(run), unlandedAttention(run)].flatMap((each) => (each?.level === 'act' ? [each] : []));
}

/** Green work that was to land and did not. */
function unlandedAttention({ id, status, landing, unlanded }: RunState): Attention | null {
  const waits = status.tag === 'open' && status.hold === null && status.phase === 'review' && landing === null;
  if (!waits || unlanded === null) return null;
  return {
    level: 'act',
    words: `did not land: ${unlanded.why}`,
    keys: [LAND, BACK, DISCARD],
    verb: `looptop land ${id}`,
    since: unlanded.at,
  };
}

function draftAttention({ id, draft, passes, lastEventAt }: RunState): Attention | null {
  if (draft === null) return null;
  return {
    level: 'act',
    words: `wrote a rule from the red gate ${draft.gate}: "${draft.text}"`,
    keys: [key('r', 'keep · edit · drop')],
    verb: `looptop rule approve ${id}`,
    since: passes.find((pass) => pass.n === draft.pass)?.endedAt ?? lastEventAt,
  };
}

/** Everything that needs a person: what waits first, and within that the oldest first. */
export function attentions(runs: Iterable<RunState>): { readonly run: RunState; readonly attention: Attention }[] {
  const found: { run: RunState; attention: Attention }[] = [];
  for (const run of runs) {
    const needs = attention(run);
    if (needs !== null) found.push({ run, attention: needs });
  }
  const rank = { act: 0, look: 1 };
  return found.sort(
    (a, b) =>
      rank[a.attention.level] - rank[b.attention.level] ||
      a.attention.since - b.attention.since ||
      (a.run.id < b.run.id ? -1 : 1),
  );
}

function holdAttention(run: RunState, hold: Hold): Attention | null {
  switch (hold.kind) {
    case 'waiting':
      return {
        level: 'act',
        words: `asks: ${hold.question}`,
        keys: [key('n', answerWords(choicesOf(hold)))],
        verb: `looptop note ${run.id} TEXT`,
        since: hold.since,
      };
    case 'paused':
      return pauseAttention(run, hold);
    // The operator's own doing: telling them would be noise.
    case 'frozen':
    case 'drained':
      return null;
  }
}

function pauseAttention(run: RunState, hold: Extract<Hold, { kind: 'paused' }>): Attention {
  const because = hold.detail === '' ? '' : `: ${hold.detail}`;
  const act = (words: string, ...keys: Attention['keys']): Attention => ({
    level: 'act',
    words,
    keys,
    verb: `looptop ${VERBS[keys[0]?.key ?? ''] ?? 'show'} ${run.id}`,
    since: hold.since,
  });
  switch (hold.why) {
    case 'budget':
      // No cap of the run's own: raising those would not let it go on.
      if (/^stopped at its cap, (?:the (?:fleet|day)|\S+ a minute)/.test(hold.detail))
        return act(withGates(run, hold.detail), key('p', 'resume when there is room'), END);
      return act(withGates(run, capWords(run, hold.detail)) + keptWords(run), RAISE, ESCALATE, END);
    case 'stuck':
      return act(`stuck${because}${keptWords(run)}`, ESCALATE, NOTE, RESUME, END);
    case 'agent':
      return act(`the agent failed${because}`, RESUME, ESCALATE, END);
    case 'approval':
      return act(`waits for your approval${because}`, key('p', 'approve'), key('x', 'refuse'), NOTE);
    case 'login':
      return act(
        `is not logged in${because}; log in with ${run.agent?.engine ?? run.maker.engine}`,
        key('p', 'logged in, go on'),
        ESCALATE,
        END,
      );
    case 'unread':
      return act(`waits until finished work has been read${because}`, key('3', 'read'), END);
    case 'disk':
      return act(`paused, the disk is full${because}`, RESUME, END);
    case 'unknown':
      return act(`paused in a state this version does not know${because}`, RESUME, END);
    // It goes on by itself, or the operator stopped it: worth a line, not a bell.
    case 'rate-limit':
      return { ...act(`waits for the provider${because}`, RESUME, ESCALATE, END), level: 'look' };
    case 'operator':
      return { ...act(`paused by you${because}`, RESUME, END), level: 'look' };
  }
}

/** The verb of a key. */
const VERBS: Readonly<Record<string, string>> = { '+': 'budget', p: 'resume', e: 'escalate', x: 'stop', n: 'note' };

/** `answer: 1 yes 2 no`, or only which digits answer where that would be long. */
function answerWords(choices: readonly Choice[]): string {
  if (choices.length === 0) return 'answer';
  const all = choices.map(({ label }, at) => `${at + 1} ${label}`).join('  ');
  return all.length <= 40 ? `answer: ${all}` : `answer 1-${choices.length}`;
}

/**
 * The cap that stopped it, with what is spent by now: responses under way when it stopped are billed after the pause was noted.
 * Where no cap of its own is reached (a daily one did it, or it was raised since), the pause's own words.
 */
function capWords(run: RunState, detail: string): string {
  const { budget, meter } = run;
  const tokens = fresh(meter.total.tokens);
  const reached =
    tokens >= budget.tokens
      ? `${formatTokens(tokens)} of ${formatTokens(budget.tokens)} tokens`
      : meter.total.usd >= budget.usd
        ? `${formatUsd(meter.total.usd)} of ${formatUsd(budget.usd)}`
        : null;
  return reached === null ? detail || 'stopped at its cap' : `stopped at its cap, ${reached}`;
}

/** The words, and that gates are red where they do not say so themselves. */
function withGates(run: RunState, words: string): string {
  if (/\bred\b/.test(words)) return words;
  const judged = run.passes.findLast((pass) => pass.gates.some((gate) => gate.status !== 'pending'));
  if (judged === undefined) return words;
  const red = judged.gates.some(({ status }) => status === 'red' || status === 'timeout' || status === 'error');
  return red ? `${words}, gates still red` : words;
}

/** `; could not be pushed: …`: the operator's own push is what helps. */
const pushedWords = ({ pushed, commit }: RunState): string =>
  pushed === null || pushed.commit !== commit || pushed.failed === '' ? '' : `; could not be pushed: ${pushed.failed}`;

/** `; unit: the maker changed check.sh, which it runs`: a green gate that its maker could have made green. */
function flagWords(run: RunState): string {
  const flags = (run.passes.at(-1)?.gates ?? []).flatMap(({ id, flags }) => flags.map((flag) => `${id}: ${flag}`));
  return flags.length === 0 ? '' : `; ${flags.join('; ')}`;
}

function endedAttention(run: RunState, end: End, at: number): Attention | null {
  const look = (words: string): Attention => ({
    level: 'look',
    words,
    keys: [OPEN],
    verb: `looptop show ${run.id}`,
    since: at,
  });
  switch (end.kind) {
    case 'exhausted':
      return look(`gave up: ${end.detail}${keptWords(run)}`);
    case 'failed':
      return look(`failed (${end.why}): ${end.detail}`);
    case 'lost':
      return look(`lost: ${end.detail}${run.worktree === null ? '' : '; its worktree is kept'}`);
    case 'landed': {
      const failed = pushFailure(run);
      return failed === '' ? null : look(`landed, but could not be pushed: ${failed}`);
    }
    case 'triaged':
    case 'discarded':
    case 'killed':
      return null;
  }
}
