/** Plays a trace to the real fold and the real decisions, in pure time, and notes which stuck rules spoke. */
import { callHash, clip, resultHash } from '../../../source/agents/digest.ts';
import type { AgentEvent } from '../../../source/loop/agent-event.ts';
import { answer } from '../../../source/loop/answer.ts';
import { decide } from '../../../source/loop/decide.ts';
import type { EngineName, LoopDefinition } from '../../../source/loop/definition/definition.ts';
import type { Effect } from '../../../source/loop/effect.ts';
import type { Event } from '../../../source/loop/event.ts';
import { fingerprint } from '../../../source/loop/fingerprint.ts';
import { emptyFleet, fold } from '../../../source/loop/fold.ts';
import { stateWord } from '../../../source/loop/run-status.ts';
import type { FleetState, RunState } from '../../../source/loop/state.ts';
import { fresh, NO_TOKENS } from '../../../source/loop/tokens.ts';
import type { AgentId } from '../../../source/loop/units.ts';
import { madeLoop, queued, RUN, shellGate } from '../made-loop.ts';
import type { PassTrace, Step, Trace } from './trace.ts';

export interface Judged {
  /** The rules that spoke, each with the most that it did. */
  readonly trips: ReadonlyMap<string, 'warn' | 'nudge' | 'act'>;
  readonly state: string;
  /** Of the token budget. */
  readonly spent: number;
  /** What the operator and the agent were told. */
  readonly words: readonly string[];
}

const HOUR = 3_600_000;
const UNIT = shellGate({ id: 'unit', run: 'unit' });
const LOOP: Partial<LoopDefinition> = {
  escalate: [],
  gates: [UNIT],
  budget: { tokens: 400_000, usd: 5, wallMs: 4 * HOUR, passes: 8 },
};
/** A response with a call in it: 400 of them use the budget up. */
const CALL_FRESH = 1_000;

export function replay(trace: Trace): Judged {
  const { engine = 'claude' } = trace;
  const made = madeLoop({ ...LOOP, ...trace.definition });
  const world = new World({ ...made, maker: { ...made.maker, engine } }, trace.passes);
  for (const pass of trace.passes) {
    world.act();
    if (!world.making) break;
    world.play(pass);
  }
  world.act();
  return world.judged();
}

/** A recorded stream: one pass of one agent, four seconds from line to line. */
export function replayEvents(engine: EngineName, lines: readonly (readonly AgentEvent[])[]): Judged {
  const made = madeLoop(LOOP);
  const world = new World({ ...made, maker: { ...made.maker, engine } }, [
    { steps: [], gate: '', tree: 't', last: '' },
  ]);
  world.act();
  for (const events of lines) {
    world.untilUnparked();
    if (world.making && events.length > 0) world.hear(4_000, ...events);
  }
  world.ends();
  world.act();
  return world.judged();
}

class World {
  state: FleetState = emptyFleet();
  #now = 1_700_000_000_000;
  #seq = 0;
  #ids = 0;
  readonly #history: Event[] = [];
  readonly #passes: readonly PassTrace[];

  constructor(definition: LoopDefinition, passes: readonly PassTrace[]) {
    this.#passes = passes;
    this.#happen(queued(definition));
  }

  get run(): RunState {
    const run = this.state.runs[RUN];
    if (run === undefined) throw new Error('no run');
    return run;
  }

  /** An agent is at work and nobody wants it to end. */
  get making(): boolean {
    const { status, agent } = this.run;
    return status.tag === 'open' && status.hold === null && agent?.fact.is === 'alive' && agent.wish.to === 'run';
  }

  /** Does what is decided until only time or the agent can change anything. */
  act(): void {
    for (let guard = 0; guard < 500; guard++) {
      const { effects } = decide(this.state, this.#now);
      const next = effects.find((effect) => effect.do !== 'attend' || this.run.agent?.fact.is === 'planned');
      if (next !== undefined) this.#happen(...this.#carriedOut(next));
      else if (this.run.retry !== null && this.run.retry.notBefore > this.#now) this.#now = this.run.retry.notBefore;
      else return;
      if (next?.do === 'commit') return;
    }
    throw new Error(`does not settle: ${stateWord(this.run)}`);
  }

  /** Lets the provider's time go by. */
  untilUnparked(): void {
    while (stateWord(this.run) === 'paused:rate-limit') {
      const { wakeAt } = decide(this.state, this.#now);
      if (wakeAt === null) return;
      this.#now = Math.max(this.#now + 1, wakeAt);
      this.act();
    }
  }

  play({ steps, last }: PassTrace): void {
    const { pass } = this.run;
    for (const step of steps) {
      if (!this.making || this.run.pass !== pass) return;
      this.#step(step);
      this.act();
    }
    if (!this.making || this.run.pass !== pass) return;
    this.hear(2_000, { type: 'said', text: last }, this.#bill(200), { type: 'ended', outcome: 'done' });
    this.ends();
  }

  /** The agent's process is gone by itself. */
  ends(code = 0): void {
    if (this.making) this.#happen(this.#died(code));
  }

  hear(ms: number, ...events: readonly AgentEvent[]): void {
    this.#pass(ms);
    const { agent } = this.run;
    if (agent !== null && this.making)
      this.#happen({ type: 'agent-read', run: RUN, agent: agent.id, offset: agent.offset + 1, events });
    this.act();
  }

  judged(): Judged {
    const trips = new Map<string, 'warn' | 'nudge' | 'act'>();
    const rank = { warn: 0, nudge: 1, act: 2 };
    const words: string[] = [];
    const trip = (rule: string, how: 'warn' | 'nudge' | 'act', said: string) => {
      words.push(said);
      const before = trips.get(rule);
      if (before === undefined || rank[how] > rank[before]) trips.set(rule, how);
    };
    for (const event of this.#history) {
      if (event.type === 'suspected') trip(event.rule, 'warn', event.words);
      if (event.type === 'nudged') trip(event.rule, 'nudge', event.text);
      if (event.type === 'pass-cut') trip(event.rule, 'act', event.words);
      if (event.type === 'paused' && event.why === 'stuck')
        trip(/\(([a-z-]+)\)$/.exec(event.detail)?.[1] ?? event.detail, 'act', event.detail);
    }
    const { status, meter, budget } = this.run;
    if (status.tag === 'open' && status.hold?.kind === 'paused' && status.hold.why === 'agent')
      trip('api-error', 'act', status.hold.detail);
    return { trips, state: stateWord(this.run), spent: fresh(meter.total.tokens) / budget.tokens, words };
  }

  #step(step: Step): void {
    switch (step.do) {
      case 'call':
        this.#calls([step]);
        return;
      case 'calls':
        this.#calls(step.calls);
        return;
      case 'hangs': {
        const id = `c${++this.#ids}`;
        this.hear(1_000, this.#acted(id, step), this.#bill(CALL_FRESH));
        this.#pass(step.ms);
        this.hear(0, { type: 'observed', id, ok: true, output: 'done', hash: resultHash(true, 'done') });
        return;
      }
      case 'say':
      case 'think':
        this.hear(
          6_000,
          { type: step.do === 'say' ? 'said' : 'thought', text: clip(step.text) },
          this.#bill(step.fresh),
        );
        return;
      case 'print':
        this.hear(2_000, { type: 'said', text: step.text });
        return;
      case 'spend':
        this.hear(8_000, this.#bill(step.fresh));
        return;
      case 'silence':
        this.#pass(step.ms);
        return;
      case 'retrying':
        this.hear(1_000, { type: 'retrying', reason: 'overloaded', inMs: step.inMs });
        return;
      case 'fail':
        this.hear(3_000, { type: 'ended', outcome: step.outcome, error: step.words });
        this.ends(1);
        return;
      case 'operator': {
        const said = answer(
          this.state,
          { do: 'note', run: RUN, text: step.text },
          { by: 'you', now: this.#now, random: `note${++this.#ids}` },
        );
        if ('refused' in said) throw new Error(said.refused);
        this.#happen(...said.events);
        return;
      }
    }
  }

  #calls(calls: readonly Extract<Step, { do: 'call' }>[]): void {
    const made = calls.map((each) => ({ each, id: `c${++this.#ids}` }));
    this.hear(2_000, ...made.map(({ each, id }) => this.#acted(id, each)), this.#bill(CALL_FRESH));
    for (const { each, id } of made) {
      const { ok, output, takesMs } = each;
      this.hear(takesMs, { type: 'observed', id, ok, output: clip(output), hash: resultHash(ok, output) });
    }
  }

  #acted(
    id: string,
    { tool, input }: { readonly tool: string; readonly input: Readonly<Record<string, unknown>> },
  ): AgentEvent {
    const words = Object.values(input).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    return { type: 'acted', id, tool, input: clip(words.join(' ')), hash: callHash(tool, input) };
  }

  #bill(output: number): AgentEvent {
    const key = `r${++this.#ids}`;
    return { type: 'usage', key, model: 'm', tokens: { ...NO_TOKENS, output }, usd: output / 80_000, final: true };
  }

  /** Lets time go by, stopping where the decision may change. */
  #pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const { wakeAt } = decide(this.state, this.#now);
      if (wakeAt === null || wakeAt >= until) break;
      this.#now = Math.max(this.#now + 1, wakeAt);
      this.act();
    }
    this.#now = Math.max(this.#now, until);
    this.act();
  }

  #happen(...events: readonly Event[]): void {
    for (const event of events) {
      this.#history.push(event);
      this.state = fold(this.state, { seq: ++this.#seq, at: this.#now, day: '2026-11-23', event });
    }
  }

  #carriedOut(effect: Effect): readonly Event[] {
    const { run } = this;
    switch (effect.do) {
      case 'record':
        return effect.events;
      case 'recall-reading':
      case 'note-reading':
      case 'watch-standing':
        return [];
      case 'prepare':
        return [{ type: 'prepared', run: RUN, worktree: '/w', branch: 'loop/fix-1', base: 'base' }];
      case 'plan':
        return [
          {
            type: 'agent-planned',
            wire: false,
            run: RUN,
            agent: `${run.pass}-maker.${run.agents + 1}` as AgentId,
            role: 'maker',
            engine: run.maker.engine,
            model: run.model,
            resumes: null,
            guidance: run.maker.engine !== 'shell',
            promptHash: '',
            rules: [],
            notes: run.notes.filter((note) => note.state === 'waiting').map((note) => note.id),
          },
        ];
      case 'attend':
        return [
          {
            type: 'agent-started',
            run: RUN,
            agent: effect.agent,
            process: { pid: 4242, startTime: '1', bootId: 'b' },
            containment: 'marked',
            adopted: false,
          },
        ];
      case 'keep-best':
        return [];
      case 'end':
        return [this.#died(null)];
      case 'tell':
        return [{ type: 'note-written', run: RUN, note: effect.note }];
      case 'gate': {
        const { gate: output, value } = this.#passes[run.pass - 1] ?? { gate: 'nothing was made' };
        const { gate, pass } = effect;
        const red = fingerprint({ exit: 1, output });
        const shown =
          output === ''
            ? ({ status: 'green', exit: 0, fingerprint: null, summary: '' } as const)
            : ({ status: 'red', exit: 1, ...red } as const);
        const measured = value === undefined ? {} : { score: value };
        return [{ type: 'gate-ended', run: RUN, pass, gate: gate.id, ...shown, ms: 10, tail: output, ...measured }];
      }
      case 'commit':
        return [{ type: 'committed', run: RUN, commit: 'c0ffee', files: 1, added: 1, removed: 1 }];
      case 'freeze':
        return [{ type: 'agent-frozen', run: RUN, agent: effect.agent, processes: 1 }];
      case 'thaw':
        return [{ type: 'agent-thawed', run: RUN, agent: effect.agent }];
      case 'land-merge':
      case 'land-gate':
      case 'land-move':
      case 'land-request':
      case 'land-return':
      case 'push':
      case 'drop-branch':
      case 'exterminate':
      case 'hook':
      case 'follow':
      case 'promote':
      case 'begin-item':
      case 'tear-down':
      case 'skip-check':
      case 'fire':
      case 'watch':
      case 'listen':
        return [];
    }
  }

  #died(code: number | null): Event {
    const { run } = this;
    const tree = this.#passes[run.pass - 1]?.tree ?? null;
    const agent = run.agent?.id ?? ('' as AgentId);
    return { type: 'agent-ended', run: RUN, agent, code, signal: null, survivors: 0, stderr: '', tree, ms: 1 };
  }
}
