/** Every key of a loop file's front matter, with its default. The single source: `loops/schema.json` is made from it. */
// biome-ignore-all lint/suspicious/noThenProperty: `then` is a key of the format, and a schema is never awaited
import * as z from 'zod';
import { parseActive } from '../../schedule/active.ts';
import { parseDuration } from '../../units.ts';
import { agent } from './agent.ts';
import { isCron, isTimeZone } from './cron.ts';
import { gate } from './gate.ts';
import { discover, fanOut } from './items.ts';
import { onSuccess } from './on-success.ts';
import { isPattern } from './pattern.ts';
import { stuck } from './stuck.ts';
import {
  branch,
  command,
  count,
  DAY_MS,
  duration,
  glob,
  memory,
  name,
  notify,
  repositoryPath,
  revision,
  server,
  share,
  texts,
  timeout,
  tokens,
  usd,
  wall,
} from './words.ts';

const caps = {
  tokens: tokens.optional().describe('Fresh tokens: uncached input + cache writes + output.'),
  usd: usd.optional().describe('US dollars.'),
  wall: wall.optional().describe('Time in which the run is open and not held.'),
  passes: count.max(1000).optional().describe('Maker turns.'),
};

const TRIGGERS = 'expected manual, a text such as every 15m, or a map with manual, every, cron, watch, event or after';

/** Less is no heartbeat: it would do nothing but skip itself. */
const LEAST_EVERY_MS = 1000;

const every = duration().refine((ms) => ms >= LEAST_EVERY_MS, 'expected at least 1s');

const on = z
  .union(
    [
      z.literal('manual'),
      z
        .string()
        .regex(/^every \d+(\.\d+)?(s|m|h|d)$/, TRIGGERS)
        .refine(
          (text) => (parseDuration(text.slice('every '.length)) ?? LEAST_EVERY_MS) >= LEAST_EVERY_MS,
          'expected at least 1s',
        ),
      z.strictObject({
        manual: z.boolean().optional().describe('Started by the operator.'),
        every: every.optional().describe('Fires this often.'),
        cron: z
          .string()
          .refine(isCron, 'expected five fields such as 0 9 * * 1-5')
          .meta({ pattern: '^\\S+ \\S+ \\S+ \\S+ \\S+$' })
          .optional()
          .describe('Five-field cron.'),
        timezone: z
          .string()
          .refine(isTimeZone, 'expected an IANA name such as Europe/Berlin')
          .optional()
          .describe('IANA name for cron and active.'),
        active: z
          .string()
          .refine((text) => parseActive(text) !== null, 'expected hours such as 08:00-19:00 mon-fri')
          .optional()
          .describe('Hours in which it fires, such as 08:00-19:00 mon-fri.'),
        watch: z
          .strictObject({
            paths: z
              .array(glob)
              .min(1)
              .max(100)
              .describe('Globs; one that begins with ! takes out what the others mean.'),
            debounce: duration(DAY_MS).prefault('2s').describe('Quiet time after the last change.'),
          })
          .optional()
          .describe('Fires when files change.'),
        event: z
          .strictObject({
            run: command.describe('Long-running; each line of stdout is an event.'),
            match: z
              .string()
              .min(1)
              .max(1024)
              .refine(isPattern, 'expected a regular expression')
              .optional()
              .describe('Regular expression that a line must match.'),
          })
          .optional()
          .describe('Fires on lines that a command prints.'),
        after: z
          .strictObject({
            loop: name.describe('The other loop.'),
            outcome: z
              .enum(['success', 'failure', 'promoted', 'any'])
              .prefault('success')
              .describe('How it must have ended; promoted: one of its hits was given to a loop.'),
          })
          .optional()
          .describe('Fires when a run of another loop ends.'),
        'skip-if': command.optional().describe('Exit 0 skips this firing, before any model is asked.'),
        cooldown: duration().optional().describe('Least time between two firings.'),
        jitter: duration()
          .optional()
          .describe('Random delay, at most; never more than half the way to the next firing.'),
        'catch-up': z.enum(['none', 'one']).prefault('one').describe('Firings missed while the machine slept.'),
        expires: duration().prefault('7d').describe('The trigger ends after this; looptop renew arms it again.'),
      }),
    ],
    TRIGGERS,
  )
  .describe('What starts a run.');

const rung = z.strictObject({
  when: z
    .enum(['same-failure', 'no-improvement', 'stuck', 'passes', 'exhausted', 'checker-rejects'])
    .describe('What makes the run climb.'),
  count: count
    .optional()
    .describe('How often it must happen. Default: 2 for same-failure, 3 for no-improvement, else 1.'),
  maker: agent.optional().describe("Who takes over. What is not said is the maker's."),
  to: z.literal('human').optional().describe('The run pauses and waits for the operator.'),
});

const isolation = z.strictObject({
  type: z.enum(['worktree', 'none']).describe('worktree: every run works in a git worktree of its own.'),
  base: revision.optional().describe('What the worktree starts from; {{item.field}} is filled in. Default: HEAD.'),
  branch: branch
    .optional()
    .describe("Name of the run's branch, under loop/; {{item.field}} is filled in. Default: loop/ and the run's id."),
  setup: command.optional().describe('Run once in the new worktree, before the first pass.'),
  'setup-timeout': timeout.prefault('10m').describe('After this the setup has failed.'),
  teardown: command.optional().describe('Run before the worktree is removed.'),
  copy: z
    .array(repositoryPath)
    .optional()
    .describe('Untracked files that the worktree gets a copy of, such as .env.test.'),
  keep: z
    .enum(['never', 'on-failure', 'always'])
    .prefault('on-failure')
    .describe('When the worktree stays after the run.'),
  ttl: duration().optional().describe('A kept worktree is removed after this.'),
});

export const frontMatter = z.strictObject({
  schema: z.literal(1).optional().describe('Version of this format.'),
  name: name.describe("The loop's name: the file's name without .md."),
  description: z.string().max(1024).prefault('').describe('One sentence for the list of loops.'),
  enabled: z.boolean().prefault(true).describe('false: it cannot be started.'),
  kind: z
    .enum(['closed', 'open'])
    .prefault('closed')
    .describe(
      'closed: done when the gates are green; needs a gate. open: exploration; needs a budget, can never push or merge.',
    ),
  on,
  discover: discover.optional().describe('Finds the items that the loop works on.'),
  'fan-out': fanOut.optional().describe('One run an item, several at once.'),
  goal: z.string().trim().min(8).max(4000).describe('One measurable end state.'),
  agents: z
    .strictObject({
      maker: agent.optional().describe('Does the work.'),
      checker: agent.optional().describe('Tries to refute that the goal holds.'),
      triage: agent.optional().describe('Ranks candidates, cheaply.'),
      reflector: agent.optional().describe('Says what a failure teaches.'),
    })
    .prefault({})
    .describe('Who plays which role.'),
  escalate: z
    .array(rung)
    .max(20)
    .optional()
    .describe(
      'The ladder, climbed one rung at a time. Default: same-failure twice, then the same engine with model strong.',
    ),
  gates: z
    .array(
      z.union([gate, command.transform((run) => gate.parse({ run }))], 'expected a command, or a map with id and run'),
    )
    .max(50)
    .prefault([])
    .describe('The checks that decide. A text is a shell command.'),
  budget: z
    .strictObject({
      tokens: tokens.prefault('400k').describe(caps.tokens.description ?? ''),
      usd: usd.prefault(5).describe(caps.usd.description ?? ''),
      wall: wall.prefault('45m').describe(caps.wall.description ?? ''),
      passes: count
        .max(1000)
        .prefault(8)
        .describe(caps.passes.description ?? ''),
      'per-item': z
        .strictObject(caps)
        .optional()
        .describe('Caps of the run of one item. With fan-out, budget is that of all items together.'),
      daily: z
        .strictObject({ tokens: caps.tokens, usd: caps.usd })
        .optional()
        .describe('Caps of all runs of this loop in a calendar day.'),
      'usd-per-minute': usd.optional().describe('What a run may spend in a minute, over five minutes.'),
      'warn-at': z
        .array(z.number().gt(0).max(1))
        .max(20)
        .prefault([0.8, 0.9, 0.95])
        .describe('Shares at which the operator is told.'),
      reserve: z
        .partialRecord(z.enum(['checker', 'triage', 'reflector']), z.number().min(0).max(0.9))
        .prefault({})
        .describe('Shares of tokens and money that only this role may spend.'),
      'on-exhausted': z
        .enum(['pause', 'wrap-up', 'kill'])
        .prefault('pause')
        .describe(
          'At a cap: pause waits for the operator, wrap-up lets the gates judge what there is, kill ends the run.',
        ),
      'keep-best': z.string().optional().describe('The metric or visual gate whose best pass is kept.'),
    })
    .prefault({})
    .describe('Caps of one run; with fan-out of all its runs together. There is no unlimited.'),
  meter: z
    .enum(['wire', 'events'])
    .optional()
    .describe(
      'wire: requests pass through a local proxy that counts them and lets none cross a cap. events: what the agent reports is counted.',
    ),
  isolation: z
    .union(
      [isolation, z.enum(['worktree', 'none']).transform((type) => isolation.parse({ type }))],
      'expected worktree, or a map with type',
    )
    .prefault('worktree')
    .describe('Where the agents work.'),
  paths: z
    .strictObject({
      allow: texts.optional().describe('Globs of what may be changed.'),
      deny: texts.optional().describe('Globs of what may not.'),
      'max-files': count.optional().describe('Changed files at most.'),
      'max-lines': count.optional().describe('Changed lines at most.'),
    })
    .optional()
    .describe('What the change may touch.'),
  context: z
    .strictObject({
      skills: z
        .array(name)
        .max(20)
        .prefault([])
        .describe('Skills of the repository: folders with a SKILL.md in .claude/skills, .agents/skills or skills.'),
      mcp: z
        .array(server)
        .max(20)
        .optional()
        .describe(
          "MCP servers by their names in .mcp.json, and looptop for looptop's own: these and no others. Default: those of the engine's settings.",
        ),
      files: z.array(repositoryPath).max(50).prefault([]).describe('Files of the repository that go into the prompt.'),
      rules: z
        .strictObject({
          file: repositoryPath.prefault('RULES.md').describe('Where the learned rules stand.'),
          max: z.int().min(0).max(40).prefault(25).describe('How many are shown at most.'),
          tokens: z.int().min(0).max(10_000).prefault(1500).describe('How long they are together, about.'),
          scope: z
            .boolean()
            .prefault(false)
            .describe(
              'Only rules whose scope matches what the pass is about: changed files, and those the last failure names.',
            ),
        })
        .prefault({})
        .describe('Rules that earlier failures taught.'),
      state: memory('json')
        .optional()
        .describe('Where the record of the loop is written. Default: .looptop/state/ and its name.'),
      progress: memory('md')
        .optional()
        .describe('Where the notes of its agents are kept. Default: .looptop/progress/ and its name.'),
    })
    .prefault({})
    .describe('What goes into the prompt beside goal and body.'),
  stuck,
  'on-hit': z
    .strictObject({
      'min-priority': z.enum(['p0', 'p1', 'p2', 'p3']).optional().describe('Lowest priority that counts. Default: p2.'),
      'min-confidence': share.optional().describe('Lowest confidence that counts. Default: 0.5.'),
      'promote-to': name
        .optional()
        .describe('The loop that takes it. Default: the one that the triage agent suggests.'),
      mode: z
        .enum(['ask', 'auto'])
        .optional()
        .describe('ask (the default): the operator presses a key first. auto: needs promote-to.'),
      expires: duration().optional().describe('The hit is dropped after this. Default: 24h.'),
      'max-per-day': count.optional().describe('Automatic promotions in a day. Default: 5.'),
    })
    .optional()
    .describe('What a finding of a triage loop becomes.'),
  'on-success': onSuccess,
  'on-failure': z
    .strictObject({
      reflect: z
        .strictObject({
          to: z.string().optional().describe('The file that rules go to.'),
          approve: z.enum(['ask', 'auto']).optional().describe('ask: the operator approves each rule.'),
          max: count.optional().describe('Rules a run.'),
        })
        .optional()
        .describe('What is learned from the failure.'),
      then: z.enum(['stop', 'pause', 'retry-next']).optional().describe('What the loop does next.'),
      notify: notify.optional(),
    })
    .optional()
    .describe('After the run has failed.'),
  concurrency: z
    .strictObject({
      group: z.string().min(1).max(200).optional().describe('Loops of one group share the limit.'),
      max: count.max(100).prefault(1).describe('Runs of this loop at once.'),
      'when-busy': z
        .enum(['skip', 'queue', 'replace'])
        .prefault('skip')
        .describe('What a firing by heartbeat does when the limit is reached. A run by hand is queued.'),
    })
    .prefault({})
    .describe('How many runs at once.'),
  review: z
    .strictObject({
      'max-unread-lines': count.optional().describe('Unread lines at which loops stop landing.'),
      sample: share.optional().describe('Share of the work that must be read.'),
      quiz: z.enum(['off', 'offer', 'require']).optional().describe('Questions about the work.'),
    })
    .optional()
    .describe('How much unread work the operator lets pile up.'),
});

export type FrontMatter = z.output<typeof frontMatter>;
