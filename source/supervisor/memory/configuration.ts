/** The operator's own settings, `$XDG_CONFIG_HOME/looptop/config.json`: read and checked, never written. */
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import type { EngineName } from '../../loop/definition/definition.ts';
import { check } from '../../loop/definition/issues.ts';
import { keyOf, quote, valueAt } from '../../loop/definition/problem.ts';
import { ENGINES } from '../../loop/definition/schema/agent.ts';
import { argument, tokens, usd } from '../../loop/definition/schema/words.ts';
import { ConfigError } from '../../loop/errors.ts';
import type { Price } from '../../loop/price.ts';
import { HAPPENINGS, type Happening } from '../../loop/state/hooks.ts';
import type { Settings } from '../../loop/state.ts';
import { hasCode } from './has-code.ts';
import { prices, pricesFrom } from './own-prices.ts';

// Aliases, not ids: the engine resolves them to its newest, so they outlive model names.
const USUAL_TIERS: Settings['tiers'] = { claude: { cheap: 'haiku', standard: 'sonnet', strong: 'opus' } };

/** Escape sequences for a notification of the desktop, by the number of the command. */
const DESKTOPS = ['osc9', 'osc99', 'osc777'] as const;

const model = argument('an alias or a model id').optional();
const tiers = z.strictObject({ cheap: model, standard: model, strong: model });
const program = z.string().min(1).max(4096);
const engine = z.strictObject({
  // A text is one program, spaces and all; a program with arguments is a list.
  command: z.union(
    [program.transform((path) => [path]), z.array(program).min(1)],
    'expected a program, or a list of a program and its arguments',
  ),
});

const ofEngines = <T extends z.ZodType>(schema: T) => z.partialRecord(z.enum(ENGINES), schema).prefault({});

const configuration = z.strictObject({
  tiers: ofEngines(tiers),
  engines: ofEngines(engine),
  daily: z.strictObject({ tokens: tokens.prefault('10M'), usd: usd.prefault(25) }).prefault({}),
  hourly: z.strictObject({ tokens: tokens.optional(), usd: usd.optional() }).prefault({}),
  usdPerMinute: usd.optional(),
  maxAgents: z.int().min(1).max(1000).prefault(12),
  prices,
  meter: z.enum(['wire', 'events']).prefault('events'),
  wire: z
    .strictObject({
      port: z.int().min(1024).max(65_535).optional(),
      upstreams: z
        .record(
          z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected small letters, digits, dots and hyphens'),
          z.url({ protocol: /^https?$/, error: 'expected a base URL such as https://api.anthropic.com' }),
        )
        .prefault({}),
    })
    .prefault({}),
  hooks: z.partialRecord(z.enum(HAPPENINGS), z.string().min(1).max(4096)).prefault({}),
  notify: z
    .strictObject({
      bell: z.boolean().prefault(true),
      desktop: z.union([z.boolean(), z.enum(DESKTOPS)], `expected true, false, ${DESKTOPS.join(', ')}`).prefault(true),
      title: z.boolean().prefault(true),
    })
    .prefault({}),
  theme: z
    .union(
      [z.string().max(64), z.record(z.string(), z.string().max(64))],
      'expected a name, or looks and their colours',
    )
    .optional(),
  keys: z
    .record(z.string(), z.union([z.string(), z.array(z.string())], 'expected a key or a list of keys'))
    .prefault({}),
});

export interface Configuration {
  readonly settings: Settings;
  /** What to start instead of the engine's name, where the operator said so. */
  readonly engines: Readonly<Partial<Record<EngineName, { readonly command: readonly string[] }>>>;
  /** The operator's own prices, by model id. */
  readonly prices: Readonly<Record<string, Price>>;
  /** Where the wire meter listens and whom it asks, as far as the operator says so. */
  readonly wire: { readonly port: number | null; readonly upstreams: Readonly<Record<string, string>> };
  /** What happens -> the operator's command for it, for `sh -c`. */
  readonly hooks: Readonly<Partial<Record<Happening, string>>>;
  /** How the pane may call the operator; `desktop` names a sequence where the terminal does not tell which it knows. */
  readonly notify: {
    readonly bell: boolean;
    readonly desktop: boolean | (typeof DESKTOPS)[number];
    readonly title: boolean;
  };
  /** As written; the pane knows its themes. Null for the usual one. */
  readonly theme: string | Readonly<Record<string, string>> | null;
  /** Action -> keys, as written; the pane knows its actions. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/** `$XDG_CONFIG_HOME/looptop`, or `~/.config/looptop` where that is not set to an absolute path (XDG Base Directory). */
export function configurationFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = env.XDG_CONFIG_HOME ?? '';
  return join(isAbsolute(base) ? base : join(env.HOME || homedir(), '.config'), 'looptop');
}

/**
 * The settings with every default filled in; the defaults alone where there is no file.
 * @throws ConfigError that lists everything wrong with the file, which is left as it is
 */
export async function readConfiguration(folder: string = configurationFolder()): Promise<Configuration> {
  const path = join(folder, 'config.json');
  const written = (await exists(path)) ? await readStore(folder, path) : {};
  const { value, remarks } = check(configuration, written);
  if (value === null) {
    const lines = remarks.map(({ path: at, message, found = quote(valueAt(written, at)) }) => {
      return `${path}: ${keyOf(at)}: ${found === '' ? '' : `found ${found}, `}${message}`;
    });
    throw new ConfigError(lines.join('\n'));
  }
  return {
    settings: {
      tiers: allTiers(value.tiers),
      daily: value.daily,
      hourly: { tokens: value.hourly.tokens ?? null, usd: value.hourly.usd ?? null },
      usdPerMinute: value.usdPerMinute ?? null,
      maxAgents: value.maxAgents,
      meter: value.meter,
      hooks: HAPPENINGS.filter((happening) => value.hooks[happening] !== undefined),
    },
    hooks: value.hooks,
    notify: value.notify,
    wire: { port: value.wire.port ?? null, upstreams: value.wire.upstreams },
    engines: value.engines,
    prices: pricesFrom(value.prices),
    theme: value.theme ?? null,
    keys: Object.fromEntries(
      Object.entries(value.keys).map(([action, keys]) => [action, typeof keys === 'string' ? [keys] : keys]),
    ),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false;
    throw new ConfigError(`${path} cannot be read: allow yourself to read it`, { cause: error });
  }
}

/** Loaded only when there is a file: conf takes 131 ms to load, and makes the folder that it reads from. */
async function readStore(folder: string, path: string): Promise<unknown> {
  const { default: Conf } = await import('conf');
  try {
    return new Conf({
      cwd: folder,
      configName: 'config',
      projectName: 'looptop',
      clearInvalidConfig: false,
      deserialize,
    }).store;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${path} cannot be read and was left as it is: ${why}`, { cause });
  }
}

/** JSON that is no object would count as an empty one. */
function deserialize(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new SyntaxError('it must hold a JSON object, { ... }');
}

function allTiers(written: z.output<typeof configuration>['tiers']): Settings['tiers'] {
  const merged: Record<string, Record<string, string>> = {};
  for (const name of ENGINES) {
    const models = Object.entries({ ...USUAL_TIERS[name], ...written[name] });
    if (models.length > 0)
      merged[name] = Object.fromEntries(models.flatMap(([tier, id]) => (id === undefined ? [] : [[tier, id]])));
  }
  return merged;
}
