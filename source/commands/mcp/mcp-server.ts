/**
 * An MCP server on stdio for one agent: what it may tell its supervisor, and ask its operator. It knows its run by its environment
 * and can act for no other. A program of its own, so that agents start it without the rest of looptop.
 */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import manifest from '../../../package.json' with { type: 'json' };
import { openLine, type Said } from './line.ts';

/** How long an operator is waited for; the tests have less patience. */
const WAIT_MS = Number(process.env.LOOPTOP_ASK_WAIT_MS) || 30 * 60_000;
/** A client that is told of progress does not give up on a tool. */
const STILL_WAITING_MS = 15_000;

const line = openLine(process.env);
const server = new McpServer(
  { name: 'looptop', title: 'looptop', version: manifest.version },
  {
    instructions:
      'looptop supervises this run. Its gates decide whether you are done; these tools tell its operator and the agents after you what they cannot see.',
  },
);

const answered = ({ ok, text }: Said): CallToolResult => ({
  content: [{ type: 'text', text }],
  ...(ok ? {} : { isError: true }),
});

server.registerTool(
  'report_progress',
  {
    title: 'Note for the agents after you',
    description:
      'Notes what you tried and what it showed, in two or three lines. The agents of the next passes and runs of this loop read it; nothing else of yours outlives this pass but your changes.',
    inputSchema: {
      text: z.string().min(1).max(4000).describe('What was tried, what it showed, what should be tried next.'),
    },
    annotations: { destructiveHint: false, openWorldHint: false },
  },
  async ({ text }) => answered(await line.report({ do: 'progress', text })),
);

server.registerTool(
  'propose_rule',
  {
    title: 'Propose a rule',
    description:
      'Proposes one line for RULES.md that would have prevented the failure which the gates last showed. Only when the last pass was red. The operator decides; until then it is no rule.',
    inputSchema: {
      text: z.string().min(1).max(1000).describe('One sentence, an order: what to do, not what went wrong.'),
      scope: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Glob of the files that it concerns. Default: those that the failure names.'),
    },
    annotations: { destructiveHint: false, openWorldHint: false },
  },
  async ({ text, scope }) =>
    answered(await line.report({ do: 'rule', text, ...(scope === undefined ? {} : { scope }) })),
);

server.registerTool(
  'ask_operator',
  {
    title: 'Ask the operator',
    description:
      'Asks a person and waits for the answer, which may take many minutes. Only for what you can neither find out nor decide: a contradiction in the goal, a choice with consequences outside this repository. The clock of the run stands still meanwhile.',
    inputSchema: {
      question: z.string().min(1).max(4000).describe('One question that can be answered without seeing your work.'),
      options: z
        .array(z.string().min(1).max(200))
        .min(2)
        .max(9)
        .optional()
        .describe(
          'Answers to choose from, if there are a few: the operator then needs one key. Other words may come back.',
        ),
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  async ({ question, options }, { signal, sendNotification, _meta }) => {
    const token = _meta?.progressToken;
    let beats = 0;
    const beat = setInterval(() => {
      if (token === undefined) return;
      beats += 1;
      const params = { progressToken: token, progress: beats, message: 'waiting for the operator' };
      // A client that has gone hears nothing; its end closes stdin, and that ends us.
      sendNotification({ method: 'notifications/progress', params }).catch(() => {});
    }, STILL_WAITING_MS);
    try {
      return answered(await line.ask(question, options, WAIT_MS, signal));
    } finally {
      clearInterval(beat);
    }
  },
);

server.registerTool(
  'report_hit',
  {
    title: 'Report a hit',
    description:
      'Reports a defect or a piece of work that you came across and that is not yours to do now. It waits among the hits until the operator gives it to a loop; go on with your own work. The same one is not listed twice.',
    inputSchema: {
      title: z.string().min(1).max(1000).describe('What is wrong, in one sentence.'),
      evidence: z.string().max(500).default('').describe('A link, or path:line.'),
      priority: z
        .enum(['p0', 'p1', 'p2', 'p3'])
        .describe('p0: users lose data, money or access now. p1: what worked is broken. p2: soon. p3: can wait.'),
      confidence: z.number().min(0).max(1).describe('How sure you are, 0 to 1.'),
      loop: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/)
        .optional()
        .describe('The loop that could take it. Default: a person decides.'),
      key: z.string().min(1).max(200).optional().describe('What tells it apart, such as #12. Default: its title.'),
    },
    annotations: { destructiveHint: false, openWorldHint: false },
  },
  async ({ title, evidence, priority, confidence, loop, key }) =>
    answered(
      await line.report({
        ...{ do: 'hit', title, evidence, priority, confidence },
        ...(loop === undefined ? {} : { loop }),
        ...(key === undefined ? {} : { key }),
      }),
    ),
);

server.registerTool(
  'read_state',
  {
    title: 'Read the record of this loop',
    description:
      'The record of this loop as JSON: its runs with their items, states, passes, models, fingerprints of failures and what they cost.',
    inputSchema: {},
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  async () => answered(await line.report({ do: 'state' })),
);

await server.connect(new StdioServerTransport());
// The transport does not see the end of its input.
process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
