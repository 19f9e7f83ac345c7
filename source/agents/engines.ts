/** The engines there are, and what a tier means to each of them. */
import type { EngineName } from '../loop/definition/definition.ts';
import type { Tier } from '../loop/ladder.ts';
import { acp } from './acp.ts';
import { claude } from './claude.ts';
import { codex } from './codex/codex.ts';
import type { Engine } from './engine.ts';
import { gemini } from './gemini.ts';
import { grok } from './grok.ts';
import { opencode } from './opencode.ts';
import { scripted } from './scripted/scripted.ts';
import { shell } from './shell.ts';

const ENGINES: Readonly<Record<EngineName, Engine>> = { claude, codex, gemini, grok, opencode, acp, shell, scripted };

/** The engine of that name; null for one that only the journal of another version knows. */
export const engineOf = (name: EngineName): Engine | null => (Object.hasOwn(ENGINES, name) ? ENGINES[name] : null);

/**
 * What a tier is on each engine's command line, where the operator's configuration does not say. Ids of other vendors
 * as of 2026-11-23. A shell command gets the tier's own name, in LOOPTOP_MODEL.
 */
export const DEFAULT_TIERS: Readonly<Record<EngineName, Readonly<Record<Tier, string>>>> = {
  claude: { cheap: 'haiku', standard: 'sonnet', strong: 'opus' },
  codex: { cheap: 'gpt-6-luna', standard: 'gpt-6.1-sol', strong: 'gpt-6-astra' },
  gemini: { cheap: 'gemini-3.5-flash-lite', standard: 'gemini-3.8-flash', strong: 'gemini-3.1-pro-preview' },
  grok: { cheap: 'grok-build-0.1', standard: 'grok-4.5', strong: 'grok-4.6' },
  opencode: {
    cheap: 'anthropic/claude-haiku-5-5',
    standard: 'anthropic/claude-sonnet-5-5',
    strong: 'anthropic/claude-opus-5-5',
  },
  acp: { cheap: 'cheap', standard: 'standard', strong: 'strong' },
  shell: { cheap: 'cheap', standard: 'standard', strong: 'strong' },
  scripted: { cheap: 'scripted-cheap', standard: 'scripted-standard', strong: 'scripted-strong' },
};
