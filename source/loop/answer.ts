/** From an operator's command to the events it causes, or to a refusal that says what to do instead. Pure: ids come in as arguments. */
import { approval, askedGate } from './approval.ts';
import { over, uses } from './budget.ts';
import type { Answer, Command, Given, Refusal } from './command.ts';
import type { LoopDefinition, Trust } from './definition/definition.ts';
import { forItem } from './definition/fill-in.ts';
import type { Event } from './event.ts';
import { choices, chosen, climbWhenRaised, neededRung } from './ladder.ts';
import { answerLanding, landingWords } from './landing/answer-landing.ts';
import { newBudget } from './new-budget.ts';
import { answerIn, isByTool } from './question.ts';
import { landingClosed } from './review/owed.ts';
import { agentIsAlive, endWord, holdOf, stateWord } from './run-status.ts';
import { heartOf, pulse } from './schedule/pulse.ts';
import type { FleetState, RunState } from './state.ts';
import { formatDuration, parseDuration, parseTokens, parseUsd, type RunId } from './units.ts';

export type { Answer, Given } from './command.ts';

/** Commands about rules and reloading need files and are answered by the supervisor's memory, those about hits by triage/promote.ts, about fans by fanout/answer-fan.ts, about reading by review/answer-read.ts. */
export type PureCommand = Exclude<
  Command,
  {
    do:
      | 'rule-add'
      | 'rule-approve'
      | 'rule-retire'
      | 'reload'
      | 'down'
      | 'promote'
      | 'dismiss'
      | 'release'
      | 'stop-fan'
      | 'budget-fan'
      | 'read';
  }
>;

export function answer(fleet: FleetState, command: PureCommand, given: Given): Answer | Refusal {
  if (command.do === 'run') return startRun(fleet, command, given);
  if (command.do === 'renew') return renew(fleet, command.loop, given);
  const run = findRun(fleet, command.run);
  if ('refused' in run) return run;
  if (run.status.tag === 'ended') return refuse(`${run.id} has ended (${endWord(run.status.end)}).`);
  switch (command.do) {
    case 'freeze':
      return freeze(run, given);
    case 'resume':
      return resume(fleet, run, given);
    case 'drain':
      if (run.drain) return refuse(`${run.id} drains already.`);
      return says(run, `${run.id} finishes pass ${run.pass} and then waits.`, {
        type: 'drain-asked',
        run: run.id,
        by: given.by,
      });
    case 'stop':
      return stop(run, given);
    case 'kill':
      if (run.status.phase === 'review' && run.landing?.step.is !== 'gating')
        return refuse(`${run.id} is green and nothing of it runs: stop ends it.`);
      return says(run, `${run.id}: kill sent, confirmed when everything it started is dead.`, {
        type: 'kill-asked',
        run: run.id,
        by: given.by,
      });
    case 'escalate':
      return escalate(fleet, run, command, given);
    case 'note':
      return note(run, command, given);
    case 'rule-drop':
      if (run.draft === null) return refuse(`${run.id} has no drafted rule.`);
      return says(run, `Dropped the rule drafted for ${run.id}.`, { type: 'draft-dropped', run: run.id, by: given.by });
    case 'budget':
      return raise(run, command, given);
    case 'land':
    case 'discard':
    case 'send-back':
      return answerLanding(fleet, run, command, given);
  }
}

/** A run by its id, or by its loop's name when that loop has exactly one open run. */
export function findRun(fleet: FleetState, name: string): RunState | Refusal {
  const exact = fleet.runs[name];
  if (exact) return exact;
  const ofLoop = Object.values(fleet.runs).filter((run) => run.loop === name && run.status.tag === 'open');
  const [only] = ofLoop;
  if (only && ofLoop.length === 1) return only;
  if (ofLoop.length > 1)
    return refuse(`${name} has ${ofLoop.length} open runs: name one of ${ofLoop.map((run) => run.id).join(', ')}.`, 2);
  return refuse(`There is no run ${name}: see looptop ls --all.`, 2);
}

type Run = Extract<Command, { do: 'run' }>;

/** What the loop's file says now, with the operator's own settings for this firing; or why it cannot be started. */
export function startable(fleet: FleetState, command: Run): LoopDefinition | Refusal {
  const loop = fleet.loops[command.loop];
  if (loop === undefined) {
    const names = Object.keys(fleet.loops);
    return refuse(
      names.length === 0
        ? 'There is no loop file in loops/: looptop init writes one.'
        : `There is no loop ${command.loop}: there is ${names.join(', ')}.`,
      2,
    );
  }
  if (loop.definition === null) return refuse(`${loop.path} cannot run: ${loop.problems[0] ?? 'see looptop check'}`, 2);
  if (!loop.trusted)
    return refuse(`${loop.path} is not trusted yet: look at what it runs and trust it with looptop trust.`, 7);
  if (!loop.definition.enabled) return refuse(`${loop.path} is switched off (enabled: false).`);
  if (fleet.closing) return refuse('The supervisor is going down.');
  if (fleet.disk === 'full') return refuse('The disk is full: free some space, then try again.');
  const { fanOut } = loop.definition;
  // Handed one item, a loop with fan-out works on that one.
  const ofOne = fanOut === null || command.item === undefined ? {} : { budget: fanOut.perItem };
  return withSettings({ ...loop.definition, ...ofOne }, command.set ?? {});
}

/** One run. @param trust whether the words of its item are the operator's own @param as what of the loop's definition it has */
export function startRun(
  fleet: FleetState,
  command: Run,
  given: Given,
  trust: Trust = 'trusted',
  as: (loop: LoopDefinition) => LoopDefinition = (loop) => loop,
): Answer | Refusal {
  const set = startable(fleet, command);
  if ('refused' in set) return set;
  const number = (fleet.counters[command.loop] ?? 0) + 1;
  const run = `${command.loop}-${number}` as RunId;
  const definition = forItem(as(set), command.item ?? null, trust);
  if ('refused' in definition) return refuse(`${command.loop}: ${definition.refused}.`, 2);
  const event: Event = {
    type: 'run-queued',
    run,
    loop: command.loop,
    number,
    item: command.item ?? null,
    trust,
    nonce: given.random,
    definition,
    by: given.by,
  };
  const needed = definition.leads === 'triage' ? null : neededRung(fleet, command.loop);
  const first = needed === null ? '' : ` It begins on the first rung (${definition.maker.model}): ${needed}.`;
  return { events: [event], text: `${run} is queued.${first}`, run };
}

/** Lets a heartbeat go on for another `expires` from now. */
function renew(fleet: FleetState, name: string, given: Given): Answer | Refusal {
  const loop = fleet.loops[name];
  if (loop === undefined) return refuse(`There is no loop ${name}: see looptop ls --loops.`, 2);
  const heart = heartOf(fleet, name);
  if (heart === null) {
    const state = pulse(fleet, name, given.now);
    return refuse(
      `${name} ${state.is === 'off' ? `does not beat: ${state.why}` : 'is started only by hand: there is nothing to renew'}.`,
    );
  }
  const until = formatDuration(heart.definition.on.expiresMs);
  return { events: [{ type: 'renewed', loop: name, by: given.by }], text: `${name} goes on for ${until}.`, run: null };
}

/** `--set KEY=VALUE` for one run: the caps, the model and the goal. */
function withSettings(
  definition: RunState['definition'],
  set: Readonly<Record<string, string>>,
): RunState['definition'] | Refusal {
  let next = definition;
  for (const [key, value] of Object.entries(set)) {
    const tokens = parseTokens(value);
    const usd = parseUsd(value);
    const wallMs = parseDuration(value);
    if (key === 'budget.tokens' && tokens) next = { ...next, budget: { ...next.budget, tokens } };
    else if (key === 'budget.usd' && usd) next = { ...next, budget: { ...next.budget, usd } };
    else if (key === 'budget.wall' && wallMs) next = { ...next, budget: { ...next.budget, wallMs } };
    else if (key === 'budget.passes' && /^[1-9]\d*$/.test(value))
      next = { ...next, budget: { ...next.budget, passes: Number(value) } };
    else if (key === 'model' && value !== '') next = { ...next, maker: { ...next.maker, model: value } };
    else if (key === 'goal' && value !== '') next = { ...next, goal: value };
    else
      return refuse(
        `--set ${key}=${value} is not understood: keys are budget.tokens, budget.usd, budget.wall, budget.passes, model and goal.`,
        2,
      );
  }
  return next;
}

function freeze(run: RunState, given: Given): Answer | Refusal {
  const hold = run.status.tag === 'open' ? run.status.hold : null;
  if (hold?.kind === 'waiting') return refuse(`${run.id} waits for your answer: looptop note ${run.id} TEXT.`);
  if (hold !== null) return refuse(`${run.id} is ${stateWord(run)} already.`);
  if (run.status.tag === 'open' && run.status.phase === 'review')
    return refuse(`${run.id} is green and waits for review: there is nothing to freeze.`);
  return says(run, `${run.id} is being frozen.`, { type: 'freeze-asked', run: run.id, by: given.by });
}

function resume(fleet: FleetState, run: RunState, given: Given): Answer | Refusal {
  const hold = run.status.tag === 'open' ? run.status.hold : null;
  if (hold === null) return refuse(`${run.id} is not held: it is ${stateWord(run)}.`);
  if (hold.kind === 'waiting') return refuse(`${run.id} waits for your answer: looptop note ${run.id} TEXT.`);
  const closed = hold.kind === 'paused' && hold.why === 'unread' ? landingClosed(fleet, run.loop) : null;
  if (closed !== null) return refuse(`${run.id} waits: ${closed}.`);
  const gate = askedGate(run);
  if (gate !== null) return says(run, `${run.id}: ${gate.id} is approved.`, approval(run, gate, true, given.by));
  if (hold.kind === 'paused' && hold.why === 'budget') {
    const hit =
      over(fleet, run, given.now) ??
      uses(fleet, run, given.now).find((use) => use.cap === 'passes' && use.used >= use.limit);
    const whose = hit?.cap.startsWith('fan-') ? run.fan?.id : run.id;
    if (hit) return refuse(`${run.id} has used ${hit.words}: raise the cap with looptop budget ${whose}.`, 4);
  }
  return says(run, `${run.id} goes on.`, { type: 'resume-asked', run: run.id, by: given.by });
}

/**
 * Stopping a run that is held already ends it; one that asks for approval is refused, and its maker goes on from that; one that
 * lands does not.
 */
function stop(run: RunState, given: Given): Answer | Refusal {
  if (run.landing !== null) {
    if (run.landing.step.is === 'moving') return refuse(`${landingWords(run)}: it is too late to stop that.`);
    const event = { type: 'land-withdrawn', run: run.id, by: given.by } as const;
    return says(run, `${run.id} does not land; it waits in review as before.`, event);
  }
  const gate = askedGate(run);
  if (gate !== null) {
    const text = `${run.id}: ${gate.id} is refused; what you noted goes into the next pass.`;
    return says(run, text, approval(run, gate, false, given.by));
  }
  const hold = run.status.tag === 'open' ? run.status.hold : null;
  if (agentIsAlive(run) || (hold === null && run.status.tag === 'open' && run.status.phase !== 'review')) {
    const event: Event = { type: 'stop-asked', run: run.id, by: given.by, cause: 'stop', polite: true };
    return says(run, `${run.id}: the pass is ended politely; resume goes on from there.`, event);
  }
  const exhausted = hold?.kind === 'paused' && hold.why === 'budget';
  const end = exhausted
    ? ({ kind: 'exhausted', detail: hold.detail } as const)
    : ({ kind: 'discarded', by: given.by } as const);
  return says(run, `${run.id} has ended (${end.kind})${run.base === null ? '' : `; its branch ${run.branch} stays`}.`, {
    type: 'run-ended',
    run: run.id,
    end,
  });
}

function escalate(
  fleet: FleetState,
  run: RunState,
  command: Extract<Command, { do: 'escalate' }>,
  given: Given,
): Answer | Refusal {
  if (run.status.tag === 'open' && (run.status.phase === 'review' || run.status.phase === 'green'))
    return refuse(`${run.id} is green already.`);
  if (run.status.tag === 'open' && run.status.phase === 'checking')
    return refuse(`The gates of ${run.id} are green and its checker is at work: wait for the verdict, or stop it.`);
  const choice = chosen(run, command.to);
  if (choice === null) {
    const can = choices(run).map((each) => each.label);
    if (can.length === 0)
      return refuse(`${run.id} is on its strongest rung (${run.maker.model}): name a model with --to.`);
    return refuse(`${run.id} has no such rung above it: choose ${can.join(', ')} or a model.`, 2);
  }
  const hold = run.status.tag === 'open' ? run.status.hold : null;
  const capped = hold?.kind === 'paused' && hold.why === 'budget' ? over(fleet, run, given.now) : null;
  const event: Event = {
    type: 'escalated',
    run: run.id,
    rung: choice.rung,
    maker: choice.maker,
    note: command.note ?? '',
    by: given.by,
  };
  const then = capped ? `; it goes on when its cap is raised (${capped.words})` : '';
  return says(run, `${run.id} escalates to ${choice.label}${then}.`, event);
}

function note(run: RunState, { text, ask }: Extract<Command, { do: 'note' }>, given: Given): Answer | Refusal {
  const hold = holdOf(run);
  if (ask !== undefined && (hold?.kind !== 'waiting' || hold.ask !== ask))
    return refuse(`${run.id} no longer asks that: nothing was sent.`);
  if (text.trim() === '') return refuse('The note is empty.', 2);
  if (run.status.tag === 'open' && (run.status.phase === 'review' || run.status.phase === 'green'))
    return refuse(`${run.id} is green: nobody would read the note.`);
  const live = agentIsAlive(run) && run.agent?.guidance === true;
  const when = isByTool(hold)
    ? 'answers its question'
    : live
      ? 'goes into the running pass'
      : 'goes into the next prompt';
  return says(run, `Your note to ${run.id} ${when}.`, {
    type: 'note-given',
    run: run.id,
    note: given.random.slice(0, 12),
    text: answerIn(hold, text),
    by: given.by,
  });
}

function raise(run: RunState, command: Extract<Command, { do: 'budget' }>, given: Given): Answer | Refusal {
  const next = newBudget(run.budget, command);
  if ('refused' in next) return next;
  const { budget, words } = next;
  const raised: Event = { type: 'budget-raised', run: run.id, budget, by: given.by };
  const hold = run.status.tag === 'open' ? run.status.hold : null;
  const rung = hold?.kind === 'paused' && hold.why === 'budget' ? climbWhenRaised(run) : null;
  if (rung === null) return says(run, `The budget of ${run.id} is now ${words}.`, raised);
  const climbed: Event = { type: 'climbed', run: run.id, rung: rung.rung, maker: rung.maker, because: rung.because };
  const text = `The budget of ${run.id} is now ${words}, and it goes on with ${rung.maker.model} (${rung.maker.engine}).`;
  return { events: [climbed, raised], text, run: run.id };
}

const says = (run: RunState, text: string, event: Event): Answer => ({ events: [event], text, run: run.id });

const refuse = (refused: string, code = 1): Refusal => ({ refused, code });
