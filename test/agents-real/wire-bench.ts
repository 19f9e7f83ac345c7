/** What every real CLI behind the wire meter is tested with: a stage whose loop meters on the wire, and the meter against the provider's ledger. */
import assert from 'node:assert/strict';
import { delimiter, dirname } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEvent } from '../../source/loop/agent-event.ts';
import type { RunState } from '../../source/loop/state.ts';
import { add, NO_TOKENS, type Tokens } from '../../source/loop/tokens.ts';
import { Stage } from '../e2e/stage.ts';
import { metered, runOf } from './metered.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

/** One real CLI, as it is driven through the wire. */
export interface WireEngine {
  readonly engine: string;
  /** Resolves with the path of its program; its folder comes first on the PATH. */
  readonly install: () => Promise<string>;
  readonly scenarios: Readonly<Record<string, unknown>>;
  /** What its provider's dialect has a field for; without one the ledger's cache writes are input, its reasoning is untold. */
  readonly tells: { readonly cacheWrite: boolean; readonly reasoning: boolean };
  /** Its maker's model; `standard` unless told. */
  readonly model?: string;
  /** Its maker's permission; `bypassPermissions` unless told. */
  readonly permission?: string;
  /** More front matter of its loops, where a stage has none of its own. */
  readonly front?: Readonly<Record<string, unknown>>;
  /** Writes the operator's own settings of it, once. */
  readonly settings?: (sandbox: Sandbox) => void;
  /** The operator's configuration of looptop. */
  readonly configuration?: (sandbox: Sandbox) => Readonly<Record<string, unknown>>;
  /** On top of the sandbox's environment: the provider's address and the account as its key. */
  readonly environment?: (account: string, sandbox: Sandbox) => Readonly<Record<string, string>>;
}

export interface WireStage {
  readonly permission?: string;
  readonly model?: string;
  /** More front matter of the loop. */
  readonly front?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface WireBench {
  /** Once the suite has begun. */
  readonly sandbox: Sandbox;
  /** A repository whose loop `name` is billed on an account of that name and whose goal names this scenario. */
  stageOf(name: string, scenario: string, options?: WireStage): Promise<Stage>;
  /** The meter equals the account's ledger, per model; `cut` is what responses that never ended cost on top, output apart. */
  assertMeter(
    t: TestContext,
    stage: Stage,
    account: string,
    provenance: string,
    cut?: Readonly<Record<string, Tokens>>,
  ): Promise<void>;
  /** Waits until the provider was asked so many times on an account. */
  untilRequests(account: string, count: number): Promise<void>;
}

/** To be called in a suite: it is opened before the suite's tests and closed after them. */
export function wireBench(engine: WireEngine): WireBench {
  let opened: { readonly sandbox: Sandbox; readonly program: string } | undefined;
  const open = () => {
    assert.ok(opened, 'the suite has not begun');
    return opened;
  };
  before(
    async () => {
      const program = await engine.install();
      const sandbox = await openSandbox(engine.scenarios);
      opened = { sandbox, program };
      engine.settings?.(sandbox);
    },
    { timeout: 900_000 },
  );
  after(() => opened?.sandbox[Symbol.asyncDispose]());

  const asTold = ({ input, cacheRead, cacheWrite, output, reasoning }: Tokens): Tokens => ({
    input: engine.tells.cacheWrite ? input : input + cacheWrite,
    cacheRead,
    cacheWrite: engine.tells.cacheWrite ? cacheWrite : 0,
    output,
    reasoning: engine.tells.reasoning ? reasoning : 0,
  });

  return {
    get sandbox() {
      return open().sandbox;
    },

    stageOf(name, scenario, { permission, model, front = engine.front ?? {}, files = {}, env = {} } = {}) {
      const { sandbox, program } = open();
      const maker = {
        engine: engine.engine,
        model: model ?? engine.model ?? 'standard',
        permission: permission ?? engine.permission ?? 'bypassPermissions',
      };
      const goal = `The answer is fixed. [[mock:${scenario}]]`;
      const path = `${dirname(program)}${delimiter}${process.env.PATH}`;
      const own = engine.environment?.(name, sandbox) ?? {};
      const surroundings = {
        env: { ...sandbox.environment(name), ...own, PATH: path, ...env },
        inside: (argv: readonly string[]) => sandbox.inside(argv),
      };
      const configuration = JSON.stringify(engine.configuration?.(sandbox) ?? {});
      return Stage.set(
        [{ name, front: { goal, agents: { maker }, meter: 'wire', ...front } }],
        { '../config/looptop/config.json': configuration, ...files },
        surroundings,
      );
    },

    async assertMeter(t, stage, account, provenance, cut = {}) {
      const isOver = ({ agent, wire }: RunState) => agent?.fact.is === 'dead' && Object.keys(wire).length === 0;
      for (let tries = 0; !isOver(await runOf(stage)); tries++) {
        assert.ok(tries < 600, 'its death and its last bill were never journaled');
        await sleep(100);
      }
      const run = await runOf(stage);
      const { models, aborted } = await open().sandbox.ledger(account);
      const meter = await metered(stage);
      t.diagnostic(`ledger ${JSON.stringify(models)}, ${aborted} cut`);
      t.diagnostic(`meter (${run.provenance}) ${JSON.stringify(meter)}`);
      assert.notDeepEqual(models, {}, 'nothing was billed');
      assert.ok((run.agent?.wire?.requests ?? 0) > 0, 'nothing went over the wire');
      const billed: Record<string, Tokens> = {};
      for (const [model, row] of Object.entries(models)) billed[model] = add(asTold(row), cut[model] ?? NO_TOKENS);
      for (const model of Object.keys(cut)) {
        const [seen, ended] = [meter[model]?.output ?? 0, billed[model]?.output ?? 0];
        assert.ok(seen >= ended, 'what was written of the cut response is on top');
        meter[model] = { ...(meter[model] ?? NO_TOKENS), output: ended };
      }
      assert.deepEqual(meter, billed);
      assert.equal(run.provenance, provenance);
      const journal = JSON.stringify(await stage.events());
      assert.ok(!journal.includes(`"${account}-key`), 'the key is not in the journal');
    },

    async untilRequests(account, count) {
      for (let tries = 0; open().sandbox.requests(account).length < count; tries++) {
        assert.ok(tries < 900, `no ${count} requests on ${account}`);
        await sleep(100);
      }
    },
  };
}

/** What the agent of a stage told, of one type. */
export async function heard<T extends AgentEvent['type']>(stage: Stage, type: T) {
  return (await stage.events())
    .flatMap(({ event }) => (event.type === 'agent-read' ? event.events : []))
    .filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
}

/** What a stage's proxy told, of one type. */
export async function heardOnWire<T extends AgentEvent['type']>(stage: Stage, type: T) {
  return (await stage.events())
    .flatMap(({ event }) => (event.type === 'wire-read' ? event.events : []))
    .filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
}

/** Waits until a tool whose input holds `words` was called. */
export async function untilActed(stage: Stage, words: string): Promise<void> {
  for (let tries = 0; !(await heard(stage, 'acted')).some(({ input }) => input.includes(words)); tries++) {
    assert.ok(tries < 900, `never called: ${words}\n${await stage.log()}`);
    await sleep(100);
  }
}
