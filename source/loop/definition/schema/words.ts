/** The small values a loop file is made of: durations, amounts, names, commands, paths. Each says what it expects. */
import * as z from 'zod';
import { parseDuration, parseTokens, parseUsd } from '../../units.ts';

/** Also the file's stem, a branch's and a folder's last part, hence so narrow. agentskills.io has the same rule. */
export const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected small letters, digits and single hyphens, such as ci-fix')
  .max(64);

/** A gate's id stands in file names and on the screen. */
export const gateId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected small letters, digits, dots and hyphens, such as unit-tests');

export const DAY_MS = 86_400_000;

/** @param longestMs also what a timer of Node can hold, 24.8 days, where the value becomes a timer */
export function duration(longestMs = 365 * DAY_MS) {
  return z
    .string('expected a duration such as 45m')
    .meta({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', examples: ['30s', '45m', '2h', '3d'] })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null && ms > 0 && ms <= longestMs) return ms;
      const message =
        ms === null ? 'expected a duration such as 45m' : `expected more than 0 and at most ${longestMs / DAY_MS}d`;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    });
}

/** A gate or a setup that takes a day is no gate. */
export const timeout = duration(DAY_MS);
/** `/loop` of every vendor expires after 7 days; a run is no longer. */
export const wall = duration(7 * DAY_MS);

/** A fresh-token amount: a number, or text with k or M. */
export const tokens = z
  .union([z.number(), z.string().meta({ pattern: '^\\d+(\\.\\d+)?[kKmM]?$' })], 'expected a number such as 400k')
  .transform((amount, context) => {
    const count = parseTokens(String(amount));
    if (count !== null && count > 0) return count;
    context.issues.push({ code: 'custom', message: 'expected a number such as 400k', input: amount });
    return z.NEVER;
  });

export const usd = z
  .union(
    [z.number(), z.string().meta({ pattern: '^\\$?\\d+(\\.\\d+)?$' })],
    'expected an amount in USD such as 5 or 0.50',
  )
  .transform((amount, context) => {
    const money = parseUsd(String(amount));
    if (money !== null && money > 0) return money;
    context.issues.push({ code: 'custom', message: 'expected an amount in USD such as 5 or 0.50', input: amount });
    return z.NEVER;
  });

/** A shell command; several lines are fine. */
export const command = z
  .string('expected a command')
  .refine((text) => text.trim() !== '' && !text.includes('\0'), 'expected a command')
  .max(8192);

/** A file or folder of the repository. Never outside it, never in .git: the text comes from whoever wrote the loop. */
export const repositoryPath = z
  .string('expected a path inside the repository')
  .refine(isInside, 'expected a path inside the repository, such as docs/api.md')
  .max(1024);

function isInside(path: string): boolean {
  if (path === '' || path.includes('\0') || path.includes('\\') || /^[/~]|^[a-zA-Z]:/.test(path)) return false;
  const steps = path.split('/');
  return !steps.includes('..') && steps[0]?.toLowerCase() !== '.git';
}

/** Files of the repository, relative to it. */
export const glob = z
  .string('expected a glob such as src/**')
  .refine((text) => isInside(text.replace(/^!/, '')), 'expected a glob inside the repository, such as src/**')
  .max(1024);

export const texts = z.array(z.string());
export const share = z.number().min(0).max(1);
export const count = z.int().min(1);

/** What goes into an agent's command line as one argument: never to be read as an option. */
export const argument = (what: string) =>
  z
    .string(`expected ${what}`)
    .regex(/^[A-Za-z0-9][\w./:@[\]-]*$/, `expected ${what}`)
    .max(128);

/** A git revision; git, too, reads a leading hyphen as an option. */
export const revision = z
  .string('expected a branch, tag or commit')
  .regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, 'expected a branch, tag or commit')
  .max(256);

/** Of ours to make and move, hence under loop/. */
export const branch = z
  .string('expected a branch under loop/')
  .regex(
    /^loop\/(?:[a-z0-9._/-]|\{\{\s*item\.[\w.-]+\s*\}\})+$/,
    'expected a branch under loop/, such as loop/refactor/{{item.key}}: small letters, digits, . _ - and /',
  )
  .max(256);

/** The key of a server in .mcp.json. It becomes part of options and file names. */
export const server = z
  .string('expected the name of an MCP server')
  .regex(/^[A-Za-z0-9][\w-]*$/, 'expected the name of an MCP server: letters, digits, - and _')
  .max(64);

/** A file that the supervisor writes: never one that git tracks, whatever stands there. */
export const memory = (extension: 'json' | 'md') =>
  repositoryPath.regex(new RegExp(`^[^/].*\\.${extension}$`), `expected a path that ends in .${extension}`);

export const notify = z.enum(['none', 'bell', 'desktop']).describe('How the operator is told.');
