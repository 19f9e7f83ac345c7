/** A world that does what `decide` asks: agents spend and end, gates pass or fail as the script of the test says. Time is a number. */
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import { answer, type PureCommand } from '../../source/loop/answer.ts';
import { isMaker, nextRole, playerOf } from '../../source/loop/crew/crew.ts';
import { decide } from '../../source/loop/decide.ts';
import type { Role } from '../../source/loop/definition/definition.ts';
import type { Effect } from '../../source/loop/effect.ts';
import type { Event, Stamped } from '../../source/loop/event.ts';
import { answerFan, type FanCommand, isFanCommand } from '../../source/loop/fanout/answer-fan.ts';
import { beginItem } from '../../source/loop/fanout/turn.ts';
import { emptyFleet, fold } from '../../source/loop/fold.ts';
import { follow } from '../../source/loop/follow.ts';
import { fire, looksFor } from '../../source/loop/schedule/fire.ts';
import type { FleetState, RunState } from '../../source/loop/state.ts';
import { readFound, startFound } from '../../source/loop/triage/discovery.ts';
import { answerAuto, answerHit, type HitCommand } from '../../source/loop/triage/promote.ts';
import type { AgentId, RunId } from '../../source/loop/units.ts';
import { stamp } from './made-loop.ts';

export interface Script {
  /** What the agent of this pass reports, one step per tick, before it ends with `done`. Null = it never ends by itself. */
  agent(run: RunState, tick: number): readonly AgentEvent[] | 'ends' | 'crashes';
  /** What a checker or a reflector says in all, before it ends with `done`. */
  judge?(run: RunState, role: Role): string;
  /** What a checker or a reflector spends. */
  bills?(run: RunState, role: Role): readonly AgentEvent[];
  /** What a gate shows: '' = green, else the failure. */
  gate(run: RunState, gate: string): string;
  /** Until when the agent says nothing, ms since 1970; null when it is its turn. */
  rests?(run: RunState): number | null;
  /** Whether `skip-if` of the loop exits 0. */
  skips?(loop: string, now: number): boolean;
  /** What the `discover` of a loop lists when its heartbeat looks; nothing by default. */
  finds?(loop: string, now: number): readonly unknown[];
  /** What the worktree is after the pass, equal words for equal trees; without it no two are equal. */
  tree?(run: RunState): string;
  /** How the run's work goes together with its target: nothing for well, else the files in conflict. */
  merges?(run: RunState): readonly string[];
  /** What a gate shows on the merged tree: '' = green, else the failure. */
  landGate?(run: RunState, gate: string): string;
  /** Why the target cannot be moved now; '' when it can. */
  blocked?(run: RunState): string;
  /** The supervisor dies when this is done, and before it is in the journal. */
  dies?(effect: Effect): boolean;
  /** What a gate measures. */
  score?(run: RunState, gate: string): number | null;
}

const process = { pid: 4242, startTime: '1', bootId: 'boot' };

export class SimulatedWorld {
  state: FleetState = emptyFleet();
  now = 1_000_000;
  /** The operator's calendar day. */
  day = '2026-11-23';
  /** Where given, the day goes by the clock. */
  dayOf: ((at: number) => string) | null = null;
  /** Ids of the rules that every maker is told. */
  rules: readonly string[] = [];
  readonly history: Event[] = [];
  /** What a next supervisor would read. */
  readonly journal: Stamped[] = [];
  readonly done: Effect[] = [];
  /** What git has of each branch, oldest first; no crash takes it away. */
  readonly branches: Record<string, string[]> = { main: ['base'] };
  /** Branches that were deleted. */
  readonly dropped: string[] = [];
  readonly #script: Script;
  readonly #ticks = new Map<string, number>();
  #seq = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  happen(...events: readonly Event[]): void {
    for (const event of events) {
      this.history.push(event);
      const stamped = { ...stamp(event, ++this.#seq), at: this.now, day: this.day };
      this.journal.push(stamped);
      this.state = fold(this.state, stamped);
    }
  }

  /** The supervisor dies and the next one knows what is in the journal, and nothing else. */
  crash(): void {
    this.state = this.journal.reduce(fold, emptyFleet());
  }

  /** Says a command as an operator would; the refusal's words when it is refused, else null. */
  command(command: PureCommand | HitCommand | FanCommand): string | null {
    const given = { by: 'you', now: this.now, random: `r${this.#seq}` };
    const isOfHit = command.do === 'promote' || command.do === 'dismiss';
    const said = isOfHit
      ? answerHit(this.state, command, given)
      : isFanCommand(command)
        ? answerFan(this.state, command, given)
        : answer(this.state, command, given);
    if ('refused' in said) return said.refused;
    this.happen(...said.events);
    return null;
  }

  /** Fires a loop whose `discover` prints these lines, as by hand; the words of the answer. */
  fire(loop: string, lines: readonly unknown[]): string {
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const discovery = this.state.loops[loop]?.definition?.discover;
    if (!discovery) throw new Error(`${loop} discovers nothing`);
    const given = { by: 'you', now: this.now, random: `f${this.#seq}` };
    const said = startFound(this.state, { do: 'run', loop }, readFound(text, discovery), given);
    if ('refused' in said) return said.refused;
    this.happen(...said.events);
    return said.text;
  }

  run(id = 'fix-1'): RunState {
    const run = this.state.runs[id];
    if (run === undefined) throw new Error(`no run ${id}`);
    return run;
  }

  /** Decides and acts, a second at a time, until nothing is left to do but to wait for a person. */
  settle(limit = 500): void {
    for (let step = 0; step < limit; step++) if (!this.settleOnce()) return;
    throw new Error(`did not settle in ${limit} steps: ${this.done.slice(-5).map((effect) => effect.key)}`);
  }

  /** The same, but stops when only the passing of time would bring something to do. */
  work(limit = 500): void {
    for (let step = 0; step < limit; step++) {
      if (this.#isIdle(decide(this.state, this.now).effects)) return;
      this.settleOnce();
    }
    throw new Error(`was not done in ${limit} steps: ${this.done.slice(-5).map((effect) => effect.key)}`);
  }

  /**
   * One round of deciding and acting; false when there was nothing to do and nothing to wait for. Where there is only to wait, the
   * clock is put forward to that, but not beyond `until`.
   */
  settleOnce(until = Number.POSITIVE_INFINITY): boolean {
    const { effects, wakeAt } = decide(this.state, this.now);
    const idle = this.#isIdle(effects);
    const rested = effects.map((effect) => (effect.do === 'attend' ? this.#rests(this.run(effect.run)) : 0));
    const next = Math.min(...(wakeAt === null ? [] : [wakeAt]), ...rested.filter((at) => at > this.now));
    if (idle && !Number.isFinite(next)) return false;
    this.now = idle ? Math.min(until, Math.max(this.now + 1, next)) : this.now + 1000;
    this.day = this.dayOf?.(this.now) ?? this.day;
    // Facts and orders are quicker than agents.
    const quick = effects.filter((effect) => effect.do !== 'attend');
    for (const effect of [...quick, ...effects.filter((each) => each.do === 'attend')]) {
      // What another effect of this round has made needless is not wanted any more.
      const wanted = decide(this.state, this.now).effects;
      if (!wanted.some(({ key }) => key === effect.key)) continue;
      if (
        effect.do === 'attend' &&
        wanted.some((other) => other.do !== 'attend' && 'run' in other && other.run === effect.run)
      )
        continue;
      if (effect.do === 'attend' && this.#rests(this.run(effect.run)) > this.now) continue;
      this.done.push(effect);
      const events = this.#act(effect);
      if (this.#script.dies?.(effect)) {
        this.crash();
        return true;
      }
      this.happen(...events);
    }
    return true;
  }

  /** Reading a silent or frozen agent is no step: only time can end that. */
  #isIdle(effects: readonly Effect[]): boolean {
    return effects.every(
      (effect) =>
        effect.do === 'watch' ||
        effect.do === 'listen' ||
        (effect.do === 'attend' &&
          this.run(effect.run).agent?.fact.is !== 'planned' &&
          (this.#silent(this.run(effect.run)) || this.#rests(this.run(effect.run)) > this.now)),
    );
  }

  #rests(run: RunState): number {
    return run.agent?.fact.is === 'alive' ? (this.#script.rests?.(run) ?? 0) : 0;
  }

  #silent(run: RunState): boolean {
    if (run.agent?.fact.is === 'frozen') return true;
    const waiting = run.status.tag === 'open' && run.status.hold?.kind === 'waiting';
    return waiting && !run.notes.some((note) => note.state === 'waiting');
  }

  #act(effect: Effect): readonly Event[] {
    switch (effect.do) {
      case 'record':
        return effect.events;
      case 'recall-reading':
        return [{ type: 'reading-recalled', marks: [], landed: [] }];
      case 'note-reading':
      case 'watch-standing':
        return [];
      case 'prepare':
        return [
          {
            ...{ type: 'prepared', run: effect.run, worktree: '/w', branch: `loop/${effect.run}` },
            ...{ base: 'base', target: 'main' },
          },
        ];
      case 'plan':
        return [this.#planned(this.run(effect.run))];
      case 'attend':
        return this.#attend(this.run(effect.run), effect.agent);
      case 'freeze':
        return [{ type: 'agent-frozen', run: effect.run, agent: effect.agent, processes: 3 }];
      case 'thaw':
        return [{ type: 'agent-thawed', run: effect.run, agent: effect.agent }];
      case 'end':
        return [this.#died(effect.run, effect.agent, null)];
      case 'tell':
        return [{ type: 'note-written', run: effect.run, note: effect.note }];
      case 'gate': {
        const failure = this.#script.gate(this.run(effect.run), effect.gate.id);
        const { run, pass, gate } = effect;
        const shown = failure === '' ? { status: 'green' as const, exit: 0 } : { status: 'red' as const, exit: 1 };
        const fingerprint = failure === '' ? null : failure;
        return [
          {
            type: 'gate-ended',
            run,
            pass,
            gate: gate.id,
            ...shown,
            ms: 10,
            fingerprint,
            summary: failure,
            tail: failure,
            score: this.#script.score?.(this.run(run), gate.id) ?? null,
          },
        ];
      }
      case 'commit':
        return [{ type: 'committed', run: effect.run, commit: 'c0ffee', files: 1, added: 2, removed: 1 }];
      case 'keep-best': {
        const { run, best, after } = effect;
        return [{ type: 'best-kept', run, ...best, after, commit: 'be57be57', detail: '' }];
      }
      case 'exterminate':
        return [
          ...(this.run(effect.run).agent
            ? [this.#died(effect.run, this.run(effect.run).agent?.id ?? ('' as AgentId), null)]
            : []),
          { type: 'kill-confirmed', run: effect.run, processes: 3, survivors: 0, ms: 5 },
        ];
      case 'promote': {
        const said = answerAuto(this.state, effect.hit, { now: this.now, random: `r${this.#seq}` });
        return 'refused' in said ? [] : said.events;
      }
      case 'begin-item':
        return beginItem(this.state, effect.fan, effect.item, { now: this.now, random: `i${this.#seq}` });
      case 'follow': {
        const discovery = this.state.loops[effect.loop]?.definition?.discover;
        const look = discovery ? { found: readFound(this.#lines(effect.loop), discovery) } : null;
        return follow(this.state, effect.run, effect.loop, { now: this.now, random: `f${this.#seq}` }, look);
      }
      case 'skip-check':
        return this.#script.skips?.(effect.loop, this.now)
          ? [{ type: 'skipped', ...this.#firing(effect.loop), missed: false, why: 'skip-if' }]
          : [{ type: 'skip-checked', loop: effect.loop, key: effect.firing }];
      case 'fire':
        return this.#fire(effect.loop, effect.firing);
      case 'hook': {
        const happening = this.state.hookCalls.find(({ id }) => id === effect.call)?.happening ?? 'needs-you';
        return [{ type: 'hook-called', call: effect.call, happening, ms: 5, failed: null }];
      }
      case 'watch':
      case 'listen':
        return [];
      case 'land-merge': {
        const run = this.run(effect.run);
        const onto = this.#tip(run);
        const files = this.#script.merges?.(run) ?? [];
        if (files.length === 0)
          return [
            {
              ...{ type: 'land-merged', run: run.id, onto, commit: `${run.id}@${onto}` },
              ...{ files: 1, added: 1, removed: 0 },
            },
          ];
        const conflicts = files.map((path) => ({ path, how: 'both changed it' }));
        return [{ type: 'land-conflicted', run: run.id, onto, files: conflicts, hunks: '<<<<<<<' }];
      }
      case 'land-gate': {
        const failure = this.#script.landGate?.(this.run(effect.run), effect.gate.id) ?? '';
        const status = failure === '' ? 'green' : 'red';
        const shown = { exit: 0, ms: 10, fingerprint: null, summary: failure, tail: failure };
        const { run, gate } = effect;
        return [
          {
            ...{ type: 'land-gate-ended', run, gate: gate.id, status },
            ...{ ...shown, score: this.#script.score?.(this.run(run), gate.id) ?? null, measures: {}, flags: [] },
          },
        ];
      }
      case 'land-move':
        return this.#move(this.run(effect.run));
      case 'land-request': {
        const run = this.run(effect.run);
        const as = {
          how: 'pr',
          target: run.target ?? '',
          commit: run.commit ?? '',
          url: `https://x/${run.id}`,
        } as const;
        return [{ type: 'run-ended', run: run.id, end: { kind: 'landed', as } }];
      }
      case 'land-return': {
        const { step } = this.run(effect.run).landing ?? {};
        const base = step?.is === 'returning' ? step.onto : null;
        return [{ type: 'land-returned', run: effect.run, base, detail: '' }];
      }
      case 'push':
        return [
          { type: 'pushed', run: effect.run, commit: this.run(effect.run).commit ?? '', to: 'origin', failed: '' },
        ];
      case 'drop-branch': {
        this.dropped.push(effect.branch);
        const of = this.state.keepsakes[effect.branch]?.run;
        return of === undefined ? [] : [{ type: 'branch-dropped', branch: effect.branch, of, kept: null }];
      }
      case 'tear-down':
        return [{ type: 'torn-down', run: effect.run, kept: null }];
    }
  }

  #tip = (run: RunState): string => this.branches[run.landing?.target ?? '']?.at(-1) ?? '';

  #move(run: RunState): readonly Event[] {
    const { landing } = run;
    if (landing?.step.is !== 'moving') return [];
    const { how, target, step } = landing;
    const { onto, commit } = step.merged;
    const has = this.branches[target] ?? [];
    if (!has.includes(commit)) {
      if (has.at(-1) !== onto) return [{ type: 'land-stale', run: run.id, tip: this.#tip(run) }];
      const why = this.#script.blocked?.(run) ?? '';
      if (why !== '') return [{ type: 'land-refused', run: run.id, why }];
      has.push(commit);
    }
    return [{ type: 'run-ended', run: run.id, end: { kind: 'landed', as: { how, target, commit, url: null } } }];
  }

  #fire(loop: string, key: string): readonly Event[] {
    const wanted = looksFor(this.state, loop, key, this.now);
    const look = wanted === null ? null : { found: readFound(this.#lines(loop), wanted) };
    return fire(this.state, loop, key, { now: this.now, random: `r${this.#seq}` }, look);
  }

  #lines(loop: string): string {
    return (this.#script.finds?.(loop, this.now) ?? []).map((line) => JSON.stringify(line)).join('\n');
  }

  #firing(loop: string) {
    const firing = this.state.beats[loop]?.firings[0];
    if (firing === undefined) throw new Error(`nothing has set ${loop} off`);
    const { trigger, key, at } = firing;
    return { loop, trigger, key, at };
  }

  #planned(run: RunState): Event {
    const role = nextRole(run);
    const player = playerOf(run, role);
    const agent = `${run.pass}-${role}.${run.agents + 1}` as AgentId;
    const resumes = isMaker(role) && run.next.how === 'resume' ? (run.session?.id ?? null) : null;
    return {
      type: 'agent-planned',
      run: run.id,
      agent,
      role,
      engine: player.engine,
      model: isMaker(role) ? run.model : player.model,
      resumes,
      guidance: isMaker(role),
      promptHash: '',
      rules: this.rules,
      notes: [],
      wire: false,
    };
  }

  #attend(run: RunState, agent: AgentId): readonly Event[] {
    if (run.agent?.fact.is === 'planned') {
      return [
        { type: 'agent-started', run: run.id, agent, process, containment: 'marked', adopted: false },
        {
          type: 'agent-read',
          run: run.id,
          agent,
          offset: 1,
          events: [{ type: 'started', session: `s-${agent}`, model: run.model }],
        },
      ];
    }
    if (run.agent?.fact.is !== 'alive') return [];
    if (!isMaker(run.agent.role)) {
      const said: AgentEvent[] = [
        ...(this.#script.bills?.(run, run.agent.role) ?? []),
        { type: 'said', text: this.#script.judge?.(run, run.agent.role) ?? '' },
        { type: 'ended', outcome: 'done' },
      ];
      return [
        { type: 'agent-read', run: run.id, agent, offset: 2, events: said },
        { ...this.#died(run.id, agent, 0), tree: run.passes.at(-1)?.tree ?? null } as Event,
      ];
    }
    const key = `${run.id}/${agent}`;
    const tick = this.#ticks.get(key) ?? 0;
    this.#ticks.set(key, tick + 1);
    const events = this.#script.agent(run, tick);
    if (events === 'crashes') return [this.#died(run.id, agent, 1)];
    if (events !== 'ends') return [{ type: 'agent-read', run: run.id, agent, offset: tick + 2, events }];
    const ended: AgentEvent = { type: 'ended', outcome: 'done' };
    return [
      { type: 'agent-read', run: run.id, agent, offset: tick + 2, events: [ended] },
      this.#died(run.id, agent, 0),
    ];
  }

  #died(run: RunId, agent: AgentId, code: number | null): Event {
    const tree = this.#script.tree?.(this.run(run)) ?? `tree-${this.history.length}`;
    return { type: 'agent-ended', run, agent, code, signal: null, survivors: 0, stderr: '', tree, ms: 1 };
  }
}
